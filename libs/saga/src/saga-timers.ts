import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { channelOf, type DataOf } from '@waybill/message';
import type { Clock, Submitter } from '@waybill/messaging';
import { commandUnderWay } from './react.ts';
import { SagaDue } from './saga-due.ts';
import type { InFlight, SagaRegistry } from './saga-registry.ts';
import type { SagaState } from './saga-state.ts';

/** The storage that the timers read; `SagaRepository` implements it for PostgreSQL. */
export interface DueSagas {
  /** Sagas whose timer is due by the clock of their database, the longest overdue first. */
  due(limit: number): Promise<readonly SagaState[]>;
  /** Whether a message of that key and channel still waits for the broker's confirm. */
  isUnconfirmed(key: string, channel: string): Promise<boolean>;
  /** The steps and versions of unsettled sagas. */
  inFlight(): Promise<readonly InFlight[]>;
}

export interface SagaTimersOptions {
  readonly sagas: DueSagas;
  readonly registry: SagaRegistry;
  readonly submitter: Submitter;
  readonly clock: Clock;
  /** Milliseconds between two polls; default 1,000. */
  readonly every?: number;
  /** At most this many sagas per poll; default 200. */
  readonly limit?: number;
  /** Called with each failure; the next poll retries. */
  readonly onTrouble?: (error: unknown, what: string) => void;
}

/**
 * The timers of all sagas of a service. They submit due sagas to the service as messages and never decide themselves. Safe on
 * several replicas at once, because a timer that was set for an earlier wait changes nothing.
 */
export class SagaTimers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly inHand = new Set<string>();
  private cancelNext: (() => void) | undefined;
  private looking: Promise<unknown> = Promise.resolve();
  private running = false;

  constructor(private readonly options: SagaTimersOptions) {}

  /** Throws if this release lacks the step of a running saga, because that saga could never finish. */
  async onApplicationBootstrap(): Promise<void> {
    const missing = this.options.registry.missing(await this.inFlight());
    if (missing.length > 0)
      throw new TypeError(
        `sagas are at ${missing.join(', ')}, which this release does not define: keep the old definition in SagaModule.forFeature`,
      );
    this.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.later();
  }

  /** Resolves when the poll in progress is done. */
  async stop(): Promise<void> {
    this.running = false;
    this.cancelNext?.();
    await this.looking;
  }

  /** Polls once; resolves with the number of sagas found, when each has been submitted. Failures go to `onTrouble`. */
  async look(): Promise<number> {
    try {
      const due = await this.options.sagas.due(this.options.limit ?? 200);
      const fresh = due.filter(({ id }) => !this.inHand.has(id));
      await Promise.all(fresh.map((state) => this.tell(state)));
      return fresh.length;
    } catch (error) {
      this.trouble(error);
      return 0;
    }
  }

  /** If the database is unavailable or has pending migrations, startup continues and the host waits for it. */
  private async inFlight(): Promise<readonly InFlight[]> {
    try {
      return await this.options.sagas.inFlight();
    } catch (error) {
      this.trouble(error, 'the sagas in flight could not be checked');
      return [];
    }
  }

  private trouble(error: unknown, what = 'a saga timer must try again'): void {
    this.options.onTrouble?.(error, what);
  }

  private later(): void {
    this.cancelNext = this.options.clock.after(this.options.every ?? 1_000, () => {
      this.looking = this.look().finally(() => {
        if (this.running) this.later();
      });
    });
  }

  private async tell(state: SagaState): Promise<void> {
    this.inHand.add(state.id);
    try {
      const found = await this.find(state);
      const { id: sagaId, key, step } = state;
      const dueAt = state.dueAt ?? '';
      await this.options.submitter.submit(SagaDue({ sagaId, key, step, dueAt, found }));
    } catch (error) {
      this.trouble(error);
    } finally {
      this.inHand.delete(state.id);
    }
  }

  private async find(state: SagaState): Promise<DataOf<typeof SagaDue>['found']> {
    if (state.phase === 'waiting') return 'timed-out';
    const { contract } = commandUnderWay(this.options.registry.of(state), state);
    const waits = await this.options.sagas.isUnconfirmed(state.key, channelOf(contract));
    return waits ? 'unconfirmed' : 'confirmed';
  }
}
