import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { momentText } from '@waybill/contracts';
import { type Clock, every } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import type { Pool } from 'pg';
import { faultsNotAllowed, unknownFault } from './fault.problems.ts';
import type { FaultAccess, FaultReport } from './fault-access.ts';
import { type Fault, type FaultPoint, type FaultPoints, noFault } from './fault-points.ts';

export interface ServiceFaultsOptions {
  readonly service: string;
  /** Null: faults are not allowed. */
  readonly points: FaultPoints | null;
  /** The consumer groups of the service. */
  readonly groups: () => readonly string[];
  readonly pool: () => Pool;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** No other process uses the database, so the faults are read only once. */
  readonly exclusive: boolean;
}

interface FaultRow {
  readonly name: string;
  readonly share: number;
  readonly latency_ms: number;
  readonly set_by: string;
  readonly set_at: Date;
  /** Milliseconds since it was set, by the clock that set it. */
  readonly age: number;
}

const lookEvery = 1_000;

/** The faults of a service in its own process. They are stored in its database, where every replica finds them. */
export class ServiceFaults
  implements FaultAccess, OnApplicationBootstrap, BeforeApplicationShutdown
{
  private stopLooking: () => void = () => {};

  constructor(private readonly options: ServiceFaultsOptions) {}

  onApplicationBootstrap(): void {
    const { points, clock, exclusive } = this.options;
    if (!points) return;
    const look = async (): Promise<void> => {
      await this.read();
      if (exclusive) this.stopLooking();
    };
    // While the database is away or behind, nothing can be injected; the health checks report that.
    this.stopLooking = every(clock, lookEvery, look, () => undefined);
  }

  beforeApplicationShutdown(): void {
    this.stopLooking();
  }

  async list(): Promise<readonly FaultReport[]> {
    const known = this.known();
    const rows = await this.read();
    return known.map((point) => this.report(point, rows.get(point.name)));
  }

  async set(name: string, { share, latencyMs }: Fault, by: string): Promise<FaultReport> {
    const point = this.known().find((each) => each.name === name);
    if (!point) throw unknownFault(name, this.known());
    const isOff = share === 0 && latencyMs === 0;
    const pool = this.options.pool();
    if (isOff) await pool.query('delete from injected_fault where name = $1', [name]);
    else await pool.query(upsert, [name, share, latencyMs, by]);
    // An outage that is set again lasts from now on.
    if (point.effect === 'outage') point.set(noFault);
    const rows = await this.read();
    this.options.log.warn({ fault: name, share, latencyMs, by }, 'an operator has set a fault');
    return this.report(point, rows.get(name));
  }

  async clear(by: string): Promise<void> {
    this.known();
    const { rowCount } = await this.options.pool().query('delete from injected_fault');
    await this.read();
    if (rowCount) this.options.log.warn({ by }, 'an operator has switched all faults off');
  }

  private known(): readonly FaultPoint[] {
    const { points, groups } = this.options;
    if (!points) throw faultsNotAllowed();
    for (const group of groups()) points.point(group, `the handlers of consumer group ${group}`);
    return points.all();
  }

  /** Reads what is stored, and applies it here. */
  private async read(): Promise<ReadonlyMap<string, FaultRow>> {
    const known = this.known();
    const { rows } = await this.options.pool().query<FaultRow>(stored);
    const byName = new Map(rows.map((row) => [row.name, row]));
    for (const point of known) {
      const row = byName.get(point.name);
      if (row && point.effect === 'outage' && row.age >= row.latency_ms) byName.delete(point.name);
      apply(point, byName.get(point.name));
    }
    return byName;
  }

  private report({ name, about, effect }: FaultPoint, row: FaultRow | undefined): FaultReport {
    return {
      name,
      service: this.options.service,
      about,
      effect,
      ...faultOf(row),
      setBy: row?.set_by ?? null,
      setAt: row ? momentText(row.set_at) : null,
    };
  }
}

const stored = `select name, share, latency_ms, set_by, set_at,
  (extract(epoch from clock_timestamp() - set_at) * 1000)::float8 as age from injected_fault`;

const upsert = `insert into injected_fault (name, share, latency_ms, set_by) values ($1, $2, $3, $4)
  on conflict (name) do update set share = excluded.share, latency_ms = excluded.latency_ms,
    set_by = excluded.set_by, set_at = clock_timestamp()`;

const faultOf = (row: FaultRow | undefined): Fault =>
  row ? { share: row.share, latencyMs: row.latency_ms } : noFault;

/** A fault that has not changed keeps its place in the sequence of calls that it fails. */
function apply(point: FaultPoint, row: FaultRow | undefined): void {
  const { share, latencyMs } = faultOf(row);
  if (point.fault.share !== share || point.fault.latencyMs !== latencyMs)
    point.set({ share, latencyMs }, row && latencyMs - row.age);
}
