import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiDocument, RouteTable } from '@waybill/http';
import type { HealthReport, Metrics } from '@waybill/observability';
import type { Operations } from '@waybill/service';

/** A service behind the gateway, in this process or in others. */
export interface Upstream {
  readonly name: string;
  /** Its routes; null until its first response. */
  readonly routes: Pick<RouteTable, 'all' | 'serves'> | null;
  readonly operations: Operations;
  readonly metrics: Pick<Metrics, 'text'>;
  /** Its part of the API document; rejects while it does not respond. */
  document(): Promise<ApiDocument>;
  /** The health of each of its processes; never rejects. */
  health(): Promise<readonly HealthReport[]>;
  /** What keeps it from serving; empty if it can serve. */
  obstacles(): Promise<readonly string[]>;
  dispatch(request: IncomingMessage, response: ServerResponse): void;
  /** Ends event streams and answers waiting requests at once, because the gateway stops. */
  drain(): void;
  /** Calls `listener` whenever `routes` changes. */
  onRoutes(listener: () => void): void;
}

/** Every service behind the gateway; injected where their responses are merged. */
export class Upstreams {
  constructor(readonly all: readonly Upstream[]) {}
}
