import type { Certificate, TokenVerifier } from '@waybill/http';
import type { Clock } from '@waybill/messaging';
import type { Tracing } from '@waybill/observability';
import type { Environment } from '@waybill/service';
import type { AvailabilityReader } from './availability-reader.ts';
import type { CarrierQuotes } from './carrier-quotes.ts';
import type { HealthReceiver } from './health-receiver.ts';
import type { AccountActivity } from './inactive/account-activity.ts';
import type { OrderFeeds } from './order-feeds.ts';
import type { OrderOwner } from './order-owner.ts';
import type { Upstream } from './upstreams/upstream.ts';
import type { Live } from './ws/notifications.ts';

/** Injects the `GatewayHost`. */
export const GATEWAY_HOST = Symbol('waybill:gateway-host');

/** What a process gives its gateway. */
export interface GatewayHost {
  readonly env: Environment;
  readonly upstreams: readonly Upstream[];
  readonly orderOwner: OrderOwner;
  readonly orderFeeds: OrderFeeds;
  readonly availability: AvailabilityReader;
  readonly quotes: CarrierQuotes;
  readonly activity: AccountActivity;
  /** Takes the health of the system, for alerts; default: nobody does. */
  readonly healthReceiver?: HealthReceiver;
  /** Live updates of the services; default: none are received. */
  readonly live?: Live;
  readonly listen: { readonly host: string; readonly port: number };
  /** The certificate to serve TLS with; default: no TLS. */
  readonly certificate?: Certificate | null;
  readonly clock?: Clock;
  /** Default: verifies by the keys that the issuer of the environment publishes, else our own at its address. */
  readonly tokenVerifier?: TokenVerifier;
  /** Default: the gateway records no spans of its own, because the services of its process record their requests. */
  readonly tracing?: Tracing;
  /** The services are in other processes, and may not respond in time. */
  readonly hop?: boolean;
}
