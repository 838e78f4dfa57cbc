import type { Saga } from './saga.ts';
import { UnknownSaga } from './saga-decision.ts';
import type { SagaState } from './saga-state.ts';

// biome-ignore lint/suspicious/noExplicitAny: sagas of different data live side by side; the row decides which one it is
export type AnySaga = Saga<any>;

/** What a running row names; several rows may name the same. */
export type InFlight = Pick<SagaState, 'saga' | 'definitionVersion' | 'step'>;

/** All definitions that this release knows, old versions among them while rows name them. */
export class SagaRegistry {
  readonly sagas: readonly AnySaga[];
  private readonly byVersion = new Map<string, AnySaga>();

  /** Throws a `TypeError` when two definitions have the same name and version. */
  constructor(sagas: readonly AnySaga[]) {
    this.sagas = sagas.flatMap((saga) => [saga, ...saga.earlier]);
    for (const saga of this.sagas) {
      const name = label(saga.name, saga.version);
      if (this.byVersion.has(name)) throw new TypeError(`two sagas are ${name}`);
      this.byVersion.set(name, saga);
    }
  }

  /** The definition that the row began with; throws `UnknownSaga` for one of another release. */
  of(row: Pick<SagaState, 'saga' | 'definitionVersion'>): AnySaga {
    const saga = this.find(row);
    if (!saga) throw new UnknownSaga(label(row.saga, row.definitionVersion));
    return saga;
  }

  /** The definition that new sagas of this name begin with. */
  latest(name: string): AnySaga {
    const [newest] = this.sagas
      .filter((saga) => saga.name === name)
      .sort((a, b) => b.version - a.version);
    if (!newest) throw new UnknownSaga(name);
    return newest;
  }

  /** What rows in flight name and this release lacks; must be empty at start. */
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
