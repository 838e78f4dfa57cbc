import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { channelOf, type DataOf } from '@waybill/message';
import type { Clock, Submitter } from '@waybill/messaging';
import { commandUnderWay } from './react.ts';
import { SagaDue } from './saga-due.ts';
import type { InFlight, SagaRegistry } from './saga-registry.ts';
import type { SagaState } from './saga-state.ts';

/** Where the timers look; `SagaRepository` is the one for PostgreSQL. */
export interface DueSagas {
  /** Sagas whose net is due by the clock of their database, the longest first. */
  due(limit: number): Promise<readonly SagaState[]>;
  /** Whether a message of that key and channel still waits for the confirm of its broker. */
  isUnconfirmed(key: string, channel: string): Promise<boolean>;
  /** What unsettled sagas name. */
  inFlight(): Promise<readonly InFlight[]>;
}

export interface SagaTimersOptions {
  readonly sagas: DueSagas;
  readonly registry: SagaRegistry;
  readonly submitter: Submitter;
  readonly clock: Clock;
  /** Milliseconds between two looks; default 1,000. */
  readonly every?: number;
  /** At most so many sagas a look; default 200. */
  readonly limit?: number;
  /** Told of what failed; the next look tries again. */
  readonly onTrouble?: (error: unknown, what: string) => void;
}

/**
 * The nets of all sagas of a service: hands those that are due to the service as messages, and never decides
 * itself. Safe on several replicas at once: a timer that was set for an earlier wait changes nothing.
 */
export class SagaTimers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly inHand = new Set<string>();
  private cancelNext: (() => void) | undefined;
  private looking: Promise<unknown> = Promise.resolve();
  private running = false;

  constructor(private readonly options: SagaTimersOptions) {}

  /** Throws for a release without a step that a saga is at: nobody would ever finish that saga. */
  async onApplicationBootstrap(): Promise<void> {
    const missing = this.options.registry.missing(await this.inFlight());
    if (missing.length > 0)
      throw new TypeError(`sagas are at ${missing.join(', ')}, which is gone`);
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

  /** Resolves when the look under way is done. */
  async stop(): Promise<void> {
    this.running = false;
    this.cancelNext?.();
    await this.looking;
  }

  /** Looks once; resolves when every saga found has been told, with how many that were. */
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

  /** The database may be away, or behind: then the host waits for it. */
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
