import type { Clock } from '@waybill/messaging';

const triesPerWindow = 5;
const windowMs = 60_000;
const accountsRemembered = 10_000;

interface Tries {
  count: number;
  readonly since: number;
}

/** Five tries a minute for an account, right or wrong, so that passwords cannot be guessed. */
export class SignInLimit {
  private readonly tries = new Map<string, Tries>();

  constructor(private readonly clock: Clock) {}

  /** Counts a try; answers 0 when it may go on, else the seconds to wait. */
  enter(account: string): number {
    const now = this.clock.now().getTime();
    const known = this.tries.get(account);
    if (!known || now - known.since >= windowMs) {
      this.begin(account, now);
      return 0;
    }
    known.count += 1;
    return known.count <= triesPerWindow ? 0 : Math.ceil((known.since + windowMs - now) / 1_000);
  }

  private begin(account: string, now: number): void {
    this.tries.delete(account);
    const oldest =
      this.tries.size >= accountsRemembered ? this.tries.keys().next().value : undefined;
    if (oldest !== undefined) this.tries.delete(oldest);
    this.tries.set(account, { count: 1, since: now });
  }
}
