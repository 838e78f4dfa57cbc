export { OrderOwner } from './order-owner.ts';
export { type GatewayHost, type RunningGateway, startGateway } from './start-gateway.ts';
export { type Upstream, Upstreams } from './upstream.ts';
