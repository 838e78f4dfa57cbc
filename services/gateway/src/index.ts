export { AvailabilityReader } from './availability-reader.ts';
export { CarrierQuotes, type QuoteRequest } from './carrier-quotes.ts';
export { gatewayConfig } from './gateway.config.ts';
export { GatewayModule } from './gateway.module.ts';
export { GATEWAY_HOST, type GatewayHost } from './gateway-host.ts';
export { gatewayProcessConfig } from './gateway-process.config.ts';
export { HealthReceiver, type ProcessHealth } from './health-receiver.ts';
export { AccountActivity, type ActivityPage } from './inactive/account-activity.ts';
export {
  type FeedStart,
  feedOf,
  feedPath,
  type OrderFeed,
  OrderFeeds,
  type OrderVersion,
} from './order-feeds.ts';
export { maySee, OrderOwner } from './order-owner.ts';
export { gatewayProblems } from './run-gateway.ts';
export { type RunningGateway, startGateway } from './start-gateway.ts';
export { localUpstream } from './upstreams/local-upstream.ts';
export { type Upstream, Upstreams } from './upstreams/upstream.ts';
