import { handledOf, pageKey, poolOf, readByIndex } from '@waybill/persistence';
import { type DataSource, In, type Repository } from 'typeorm';
import { lineOf, logOf, type SagaNote } from '../saga-log.ts';
import type { InFlight } from '../saga-registry.ts';
import type { SagaLogEntry, SagaState, SagaStatus } from '../saga-state.ts';
import type { DueSagas } from '../saga-timers.ts';
import { SagaEntity } from './saga.entity.ts';

export interface SagaFilter {
  readonly status?: SagaStatus;
  readonly stuck?: boolean;
  /** Unsettled and unchanged for this many milliseconds. */
  readonly stuckFor?: number;
  /** The page after this saga. */
  readonly after?: { readonly startedAt: string; readonly id: string };
  readonly limit: number;
}

/** Reads sagas for timers, operators and checks. Only the service's batches write them. */
export class SagaRepository implements DueSagas {
  private readonly rows: Repository<SagaEntity>;

  constructor(private readonly dataSource: DataSource) {
    this.rows = dataSource.getRepository(SagaEntity);
  }

  async find(id: string): Promise<SagaState | undefined> {
    const row = await this.rows.findOneBy({ id });
    return row ? stateOf(row) : undefined;
  }

  /** The logs of sagas by their ids, as long as the journeys of their keys are kept. */
  async logs(
    sagas: readonly Pick<SagaState, 'id' | 'saga' | 'key'>[],
  ): Promise<ReadonlyMap<string, readonly SagaLogEntry[]>> {
    const keys = [...new Set(sagas.map(({ key }) => key))];
    const noted: { key: string; at: Date; notes: readonly SagaNote[] }[] =
      await this.dataSource.query(
        `select key, at, notes from (${handledOf('$1', '$2')}) handled where notes is not null`,
        [keys, keys.map(pageKey)],
      );
    const earlier: { id: string; log: readonly SagaLogEntry[] }[] = await this.dataSource.query(
      'select id, log from sagas where id = any($1)',
      [sagas.map(({ id }) => id)],
    );
    return new Map(
      sagas.map(({ id, saga, key }) => {
        const lines = noted
          .filter((each) => each.key === key)
          .flatMap(({ at, notes }) =>
            notes.filter(([of]) => of === saga).map((note) => lineOf(note, at.toISOString())),
          );
        const before = earlier.find((row) => row.id === id)?.log ?? [];
        return [id, logOf([...before, ...lines].sort(byTime))];
      }),
    );
  }

  /** Newest first. */
  async list(filter: SagaFilter): Promise<readonly SagaState[]> {
    const query = this.rows.createQueryBuilder('saga');
    if (filter.status) query.andWhere('saga.status = :status', { status: filter.status });
    if (filter.stuck !== undefined) query.andWhere('saga.stuck = :stuck', { stuck: filter.stuck });
    if (isOfUnsettled(filter)) query.andWhere(`saga.phase <> 'settled'`);
    if (filter.stuckFor !== undefined) {
      query.andWhere(`saga.updatedAt <= (select waybill_now()) - :ms * interval '1 millisecond'`, {
        ms: filter.stuckFor,
      });
    }
    if (filter.after) {
      query.andWhere('(saga.startedAt, saga.id) < (:startedAt::timestamptz, :id)', filter.after);
    }
    query.orderBy('saga.startedAt', 'DESC').addOrderBy('saga.id', 'DESC').limit(filter.limit);
    return (await query.getMany()).map(stateOf);
  }

  async due(limit: number): Promise<readonly SagaState[]> {
    const due = await readByIndex<{ id: string }>(
      poolOf(this.dataSource),
      `select id from sagas where phase <> 'settled' and due_at <= (select waybill_now())
      order by due_at limit ${limit}`,
    );
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => id);
    return (await this.rows.find({ where: { id: In(ids) }, order: { dueAt: 'ASC' } })).map(stateOf);
  }

  async isUnconfirmed(key: string, channel: string): Promise<boolean> {
    const rows: { found: boolean }[] = await this.dataSource.query(
      `select exists (select from outbox where key = $1 and channel = $2)
        or exists (select from outbox_message where key = $1 and channel = $2) as found`,
      [key, channel],
    );
    return rows[0]?.found ?? false;
  }

  /** The steps and versions of unsettled sagas, for `SagaRegistry.missing` at startup. */
  async inFlight(): Promise<readonly InFlight[]> {
    return await readByIndex<InFlight>(
      poolOf(this.dataSource),
      `select distinct saga, definition_version as "definitionVersion", step from sagas where phase <> 'settled'`,
    );
  }
}

/** Lines of the same time keep their order, because the sort is stable. */
const byTime = (a: SagaLogEntry, b: SagaLogEntry): number => Date.parse(a.at) - Date.parse(b.at);

/** Only these filters can use the index, which contains unsettled sagas only. */
const isOfUnsettled = ({ status, stuck, stuckFor }: SagaFilter): boolean =>
  status === 'running' || status === 'compensating' || stuck === true || stuckFor !== undefined;

const stateOf = ({ version: _, log: __, ...state }: SagaEntity): SagaState => state;
