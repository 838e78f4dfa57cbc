import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Brokers, Clock, Consumer, Group } from '@waybill/messaging';
import type { DataSource } from 'typeorm';
import type { TokenVerifier } from './auth/token-verifier.ts';
import type { Environment } from './config/read-settings.ts';
import type { RouteTable } from './http/route-table.ts';
import type { Health } from './observe/health.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Operations } from './ops/operations.ts';
import type { RunningRelay } from './storage.ts';

/** What a service is started on. */
export interface Host {
  readonly env: Environment;
  readonly brokers: Brokers;
  readonly clock?: Clock;
  /** Bring the database up to date first. Otherwise a service that is behind is never ready. */
  readonly migrate?: boolean;
  /** Where to listen; null: not at all, requests come by `dispatch`. Default: `HOST` and `PORT`. */
  readonly listen?: { readonly host: string; readonly port: number } | null;
  /** Default: the issuer that the environment names, else the development issuer. */
  readonly tokenVerifier?: TokenVerifier;
}

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
  /** Dead letters, channels and journeys of this service. */
  readonly operations: Operations;
  /** Where it listens, or null. */
  readonly url: string | null;
  /** Stops in order, within ten seconds; safe to call again. */
  close(): Promise<void>;
}

/** A service that is ready to start: its groups are known, nothing flows yet. */
export interface PreparedService {
  readonly name: string;
  /** Declare the groups of all services before any of them starts, or early messages find nobody. */
  readonly groups: readonly Group[];
  start(): Promise<RunningService>;
  /** Gives up before `start`. */
  close(): Promise<void>;
}
