import type { Clock } from './clock.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Store } from './store.ts';

/** The database of a service for its consumer: while it is unavailable, calls wait. */
export class PatientStore {
  /** The service is stopping: calls wait no longer. */
  isStopping = false;

  constructor(
    readonly store: Store,
    private readonly clock: Clock,
    private readonly observer: Pick<ConsumerObserver, 'trouble'>,
  ) {}

  /** Calls `read` until the database responds. Throws if it refuses the data, and any error once the service stops. */
  async patiently<T>(read: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await read();
      } catch (error) {
        if (this.isStopping || isMistake(error) || this.store.failure(error) === 'data')
          throw error;
        this.observer.trouble({ what: 'the database does not answer; holding', error });
        await this.pause(Math.min(2_000, 50 * 2 ** Math.min(failures, 6)));
      }
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve);
    });
  }
}

/** An error of this code, not of the database: a message of the batch causes it. */
export const isMistake = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
