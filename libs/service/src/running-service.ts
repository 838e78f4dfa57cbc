import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RouteTable } from '@waybill/http';
import type { Consumer, Group, RunningRelay } from '@waybill/messaging';
import type { Health, Log, Metrics } from '@waybill/observability';
import type { DataSource } from 'typeorm';
import type { Operations } from './ops/operations.ts';

/** A service that runs. */
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
  /** Where it listens, or null. */
  readonly url: string | null;
  /** Where it serves gRPC, such as `127.0.0.1:9082`, or null. */
  readonly grpcAddress: string | null;
  /** Serves a request that another server has received; what that server read of the body is lost. */
  dispatch(request: IncomingMessage, response: ServerResponse): void;
  /** Ends event streams, and answers at once what waits for something: before the server in front stops. */
  drain(): void;
  /** Before `close`: it is not ready, and whoever uses it gets answers that send him elsewhere with the next request. */
  leave(): void;
  /** Stops in order, within ten seconds; safe to call again. */
  close(): Promise<void>;
}

/** A service that is ready to start: its groups are known, nothing flows yet. */
export interface PreparedService {
  readonly name: string;
  /** Declare the groups of all services before any of them starts, or early messages find nobody. */
  readonly groups: readonly Group[];
  /** Once. Rejects when it cannot start, and has then closed what it had opened. */
  start(): Promise<RunningService>;
  /** Gives up without a start. */
  close(): Promise<void>;
}
