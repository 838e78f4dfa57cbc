export { gatewayConfig } from './gateway.config.ts';
export { gatewayModule } from './gateway.module.ts';
export { gatewayProcessConfig } from './gateway-process.config.ts';
export { maySee, OrderOwner } from './order-owner.ts';
export { gatewayProblems } from './run-gateway.ts';
export { type GatewayHost, type RunningGateway, startGateway } from './start-gateway.ts';
export { localUpstream } from './upstreams/local-upstream.ts';
export { type Upstream, Upstreams } from './upstreams/upstream.ts';
