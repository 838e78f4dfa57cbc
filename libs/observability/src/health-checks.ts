import type { Storage } from '@waybill/messaging';
import type { DataSource } from 'typeorm';
import { anonymousMemory } from './anonymous-memory.ts';
import type { Disk } from './disk.ts';
import type { HealthCheck } from './health-check.ts';
import type { EventLoopLag } from './process-load.ts';

/** The values at which a service is unhealthy. */
export interface HealthLimits {
  readonly relayLagMs: number;
  readonly relayQueue: number;
  readonly deferred: number;
  readonly deadLetters: number;
  readonly eventLoopMs: number;
  readonly memoryMb: number;
  readonly diskReserveMb: number;
}

export interface CheckedParts {
  readonly storage: Storage;
  readonly dataSource: DataSource;
  readonly limits: HealthLimits;
  /** Null if another service of the process checks it. */
  readonly process: { readonly lag: EventLoopLag; readonly disk: Disk } | null;
}

const megabyte = 1024 * 1024;
const slowestPing = 1_000;
/** The queries of one report share a connection and its timeout, so a count stops here, far above any limit. */
const countedAtMost = 100_000;

/** The health checks of every service. */
export function healthChecks(parts: CheckedParts): readonly HealthCheck[] {
  const { dataSource, limits, storage, process } = parts;
  return [
    ...databaseChecks(parts),
    {
      name: 'outbox-age',
      unit: 'ms',
      limit: limits.relayLagMs,
      read: () =>
        numberOf(
          dataSource,
          `select coalesce(extract(epoch from now() - min(coalesce(due_at, at))) * 1000, 0) as value
           from (select due_at, at from outbox where due_at is null or due_at <= now()
             union all select null, at from outbox_page order by at limit 1) as oldest`,
        ),
    },
    {
      name: 'relay-queue',
      unit: 'messages',
      limit: limits.relayQueue,
      read: () => storage.relay.stats().queued + storage.relay.stats().inFlight,
    },
    counted('deferred', limits.deferred, dataSource, 'parked'),
    counted('dead-letters', limits.deadLetters, dataSource, 'dead_letter'),
    ...(process ? processChecks(process, limits) : []),
  ];
}

function databaseChecks({ storage, dataSource }: CheckedParts): readonly HealthCheck[] {
  return [
    {
      name: 'database',
      unit: 'ms',
      limit: slowestPing,
      neededToServe: true,
      read: async () => {
        const started = performance.now();
        await dataSource.query('select 1');
        return performance.now() - started;
      },
    },
    {
      name: 'pending-migrations',
      unit: 'migrations',
      limit: 1,
      neededToServe: true,
      read: async () => (await storage.missing()).length,
    },
  ];
}

function processChecks(
  { lag, disk }: NonNullable<CheckedParts['process']>,
  limits: HealthLimits,
): readonly HealthCheck[] {
  return [
    {
      name: 'event-loop',
      unit: 'ms',
      limit: limits.eventLoopMs,
      // A busy machine delays it for a moment.
      sampled: true,
      read: () => lag.read().p99,
    },
    {
      name: 'memory',
      unit: 'MB',
      limit: limits.memoryMb,
      read: () => Math.round(anonymousMemory() / megabyte),
    },
    {
      name: 'disk',
      unit: '% full',
      limit: 100,
      read: () => disk.use(),
    },
  ];
}

const counted = (
  name: string,
  limit: number,
  dataSource: DataSource,
  table: string,
): HealthCheck => ({
  name,
  unit: 'messages',
  limit,
  read: () =>
    numberOf(
      dataSource,
      `select count(*) as value from (select 1 from ${table} limit ${countedAtMost}) as counted`,
    ),
});

async function numberOf(dataSource: DataSource, sql: string): Promise<number> {
  const [row] = await dataSource.query<{ value: string | number }[]>(sql);
  return Math.round(Number(row?.value ?? 0));
}
