import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiDocument, RouteTable } from '@waybill/http';
import type { HealthReport, Metrics } from '@waybill/observability';
import type { Operations } from '@waybill/service';

/** A service behind the gateway, in this process or in others. */
export interface Upstream {
  readonly name: string;
  /** What it serves; null while it has never answered. */
  readonly routes: Pick<RouteTable, 'all' | 'serves'> | null;
  readonly operations: Operations;
  readonly metrics: Pick<Metrics, 'text'>;
  /** Its part of the API document; rejects while it does not answer. */
  document(): Promise<ApiDocument>;
  /** The health of each of its processes; never rejects. */
  health(): Promise<readonly HealthReport[]>;
  /** Names what keeps it from serving; empty when it can. */
  obstacles(): Promise<readonly string[]>;
  dispatch(request: IncomingMessage, response: ServerResponse): void;
  /** Ends event streams, and answers at once what waits for something, because the gateway stops. */
  drain(): void;
  /** Calls `listener` when `routes` has become another. */
  onRoutes(listener: () => void): void;
}

/** Every service that the gateway serves; injected where answers of all are merged. */
export class Upstreams {
  constructor(readonly all: readonly Upstream[]) {}
}
