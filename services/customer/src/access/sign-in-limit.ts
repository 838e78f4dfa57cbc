import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { WrongPasswords } from '../storage/wrong-passwords.repository.ts';

const wrongPerWindow = 5;
const windowMs = 60_000;
const accountsRemembered = 10_000;

interface Tries {
  readonly since: number;
  wrong: number;
}

/** Too many wrong passwords for an account. */
export class TooManyTries extends Error {
  readonly code = 'too_many_tries';
  constructor(readonly retryAfterSeconds: number) {
    super(`this account was tried too often; wait ${retryAfterSeconds} s`);
    this.name = 'TooManyTries';
  }
}

/**
 * Allows five wrong passwords a minute for an account, so that passwords cannot be guessed. A right password resets the count,
 * and concurrent right passwords are never refused because of each other. All replicas count together; each alone may allow four
 * more that come at the same time.
 */
@Injectable()
export class SignInLimit {
  private readonly tries = new Map<string, Tries>();
  private readonly running = new Map<string, Set<Promise<unknown>>>();

  constructor(
    private readonly shared: WrongPasswords,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves with the result of `check`, null for a wrong password; throws `TooManyTries` instead of a sixth try. */
  async try<T>(account: string, check: () => Promise<T | null>): Promise<T | null> {
    const running = this.running.get(account) ?? new Set();
    this.running.set(account, running);
    // All running checks may turn out wrong and exceed the limit, so wait for their results first.
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
    const elsewhere = await this.shared.of(account, windowMs);
    if (elsewhere && elsewhere.count >= wrongPerWindow)
      throw new TooManyTries(Math.max(1, Math.ceil(elsewhere.endsInMs / 1_000)));
    const found = await check();
    if (found !== null) {
      this.tries.delete(account);
      if (elsewhere) await this.shared.forget(account);
    } else {
      this.countWrong(account);
      await this.shared.count(account, windowMs);
    }
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
