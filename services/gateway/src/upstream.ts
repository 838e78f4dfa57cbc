import type { IncomingMessage, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { Health, Metrics, Operations, RouteTable } from '@waybill/service';

/** A service behind the gateway, as a running service in this process offers it. */
export interface Upstream {
  readonly name: string;
  readonly routes: Pick<RouteTable, 'all' | 'methodsAt'>;
  /** For its part of the API document. */
  readonly app: INestApplication;
  readonly operations: Operations;
  readonly health: Health;
  readonly metrics: Metrics;
  dispatch(request: IncomingMessage, response: ServerResponse): void;
}

/** Every service that the gateway serves; injected where answers of all are merged. */
export class Upstreams {
  constructor(readonly all: readonly Upstream[]) {}
}
