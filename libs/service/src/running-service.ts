import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RouteTable } from '@waybill/http';
import type { Consumer, Group, RunningRelay } from '@waybill/messaging';
import type { Health, Log, Metrics } from '@waybill/observability';
import type { DataSource } from 'typeorm';
import type { Operations } from './ops/operations.ts';

/** A running service. */
export interface RunningService {
  readonly name: string;
  readonly app: NestFastifyApplication;
  readonly consumer: Consumer;
  readonly relay: RunningRelay;
  readonly dataSource: DataSource;
  /** Every route that it serves, for a gateway that looks for the owner of a request. */
  readonly routes: RouteTable;
  readonly groups: readonly Group[];
  readonly metrics: Metrics;
  readonly health: Health;
  readonly log: Log;
  /** Channels, journeys and dead letters of this service. */
  readonly operations: Operations;
  /** The URL it listens on, or null. */
  readonly url: string | null;
  /** The gRPC address it listens on, such as `127.0.0.1:9082`, or null. */
  readonly grpcAddress: string | null;
  /** Serves a request that another server received; body bytes that the other server already read are lost. */
  dispatch(request: IncomingMessage, response: ServerResponse): void;
  /** Ends event streams and answers waiting requests at once. Call it before the server in front stops. */
  drain(): void;
  /** Call it before `close`: the service reports not ready, and each response closes its connection. */
  leave(): void;
  /** Stops in order, within ten seconds. Idempotent. */
  close(): Promise<void>;
}

/** A service that is ready to start: its groups are known, and nothing is processed yet. */
export interface PreparedService {
  readonly name: string;
  /** Declare the groups of all services before any service starts; otherwise early messages reach no group. */
  readonly groups: readonly Group[];
  /** Call it once. Rejects if the service cannot start, after closing everything that was opened. */
  start(): Promise<RunningService>;
  /** Closes the service without starting it. */
  close(): Promise<void>;
}
