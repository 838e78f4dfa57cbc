import type { Clock } from '@waybill/messaging';

const wrongPerWindow = 5;
const windowMs = 60_000;
const accountsRemembered = 10_000;

interface Tries {
  readonly since: number;
  wrong: number;
}

/** An account was tried too often with wrong passwords. */
export class TooManyTries extends Error {
  readonly code = 'too_many_tries';
  constructor(readonly retryAfterSeconds: number) {
    super(`this account was tried too often; wait ${retryAfterSeconds} s`);
    this.name = 'TooManyTries';
  }
}

/**
 * Five wrong passwords a minute for an account, so that they cannot be guessed. A right one begins anew, and is
 * never refused because of other right ones, however many come at once.
 */
export class SignInLimit {
  private readonly tries = new Map<string, Tries>();
  private readonly running = new Map<string, Set<Promise<unknown>>>();

  constructor(private readonly clock: Clock) {}

  /** Answers what `check` does, which is null for a wrong password; throws `TooManyTries` instead of a sixth. */
  async try<T>(account: string, check: () => Promise<T | null>): Promise<T | null> {
    const running = this.running.get(account) ?? new Set();
    this.running.set(account, running);
    // Those that run may all be wrong: with them the limit could be passed, so wait for what they find.
    while (this.wrong(account) + running.size >= wrongPerWindow) {
      this.refuseBeyond(account);
      await Promise.race(running);
    }
    const run = this.counted(account, check);
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    running.add(settled);
    try {
      return await run;
    } finally {
      running.delete(settled);
      if (running.size === 0 && this.running.get(account) === running) this.running.delete(account);
    }
  }

  private async counted<T>(account: string, check: () => Promise<T | null>) {
    const found = await check();
    if (found !== null) this.tries.delete(account);
    else this.countWrong(account);
    return found;
  }

  private refuseBeyond(account: string): void {
    const known = this.tries.get(account);
    if (!known || this.wrong(account) < wrongPerWindow) return;
    throw new TooManyTries(Math.ceil((known.since + windowMs - this.now()) / 1_000));
  }

  private wrong(account: string): number {
    const known = this.tries.get(account);
    return known && this.now() - known.since < windowMs ? known.wrong : 0;
  }

  private countWrong(account: string): void {
    const known = this.tries.get(account);
    if (known && this.wrong(account) > 0) known.wrong += 1;
    else this.begin(account);
  }

  private begin(account: string): void {
    this.tries.delete(account);
    const oldest =
      this.tries.size >= accountsRemembered ? this.tries.keys().next().value : undefined;
    if (oldest !== undefined) this.tries.delete(oldest);
    this.tries.set(account, { since: this.now(), wrong: 1 });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
