import type { Saga } from './saga.ts';
import { UnknownSaga } from './saga-decision.ts';
import type { SagaState } from './saga-state.ts';

// biome-ignore lint/suspicious/noExplicitAny: sagas of different data live side by side; the row decides which one it is
export type AnySaga = Saga<any>;

/** The step and version of a running row; several rows may share one. */
export type InFlight = Pick<SagaState, 'saga' | 'definitionVersion' | 'step'>;

/** All definitions that this release knows. Keep an old version while rows name it. */
export class SagaRegistry {
  readonly sagas: readonly AnySaga[];
  private readonly byVersion = new Map<string, AnySaga>();

  /** Throws a `TypeError` when two definitions have the same name and version. */
  constructor(sagas: readonly AnySaga[]) {
    this.sagas = sagas.flatMap((saga) => [saga, ...saga.earlier]);
    for (const saga of this.sagas) {
      const name = label(saga.name, saga.version);
      if (this.byVersion.has(name))
        throw new TypeError(`two sagas have the name and version ${name}`);
      this.byVersion.set(name, saga);
    }
  }

  /** The definition that the row began with; throws `UnknownSaga` for one of another release. */
  of(row: Pick<SagaState, 'saga' | 'definitionVersion'>): AnySaga {
    const saga = this.find(row);
    if (!saga) throw new UnknownSaga(label(row.saga, row.definitionVersion));
    return saga;
  }

  /** The newest definition of this name, which new sagas start with. */
  latest(name: string): AnySaga {
    const [newest] = this.sagas
      .filter((saga) => saga.name === name)
      .sort((a, b) => b.version - a.version);
    if (!newest) throw new UnknownSaga(name);
    return newest;
  }

  /** Steps and versions of running rows that this release does not know; must be empty at startup. */
  missing(rows: readonly InFlight[]): readonly string[] {
    const lacking = rows
      .filter((row) => !this.find(row)?.steps.some((step) => step.name === row.step))
      .map((row) => `${label(row.saga, row.definitionVersion)}/${row.step}`);
    return [...new Set(lacking)];
  }

  private find(row: Pick<SagaState, 'saga' | 'definitionVersion'>): AnySaga | undefined {
    return this.byVersion.get(label(row.saga, row.definitionVersion));
  }
}

const label = (name: string, version: number): string => `${name} v${version}`;
