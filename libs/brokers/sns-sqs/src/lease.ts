import type { Message } from '@aws-sdk/client-sqs';
import { isStale } from './hand.ts';

/** Hides a message for so many seconds; resolves with the failure, or with undefined. */
export type Hide = (handle: string, seconds: number) => Promise<unknown>;

/** SQS limits a delivery to twelve hours. */
const longestLease = 11 * 3_600_000;

/** Holds one token, by extending its visibility. */
export class Lease {
  readonly name: string;
  /** Resolves when this process no longer holds the token. */
  readonly lost: Promise<void>;
  readonly #handle: string;
  #lose: () => void = () => undefined;
  #over = false;
  readonly #since = performance.now();
  #until = 0;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    { Body = '', ReceiptHandle = '' }: Message,
    private readonly seconds: number,
    private readonly hide: Hide,
    private readonly failed: (error: unknown) => void,
  ) {
    this.name = Body;
    this.#handle = ReceiptHandle;
    this.lost = new Promise((resolve) => {
      this.#lose = () => {
        this.#over = true;
        clearTimeout(this.#timer);
        clearTimeout(this.#deadline);
        resolve();
      };
    });
  }

  /** False once this process no longer holds the token. */
  get held(): boolean {
    return !this.#over;
  }

  /** Counts the lease from before the first extension, because the time of delivery is unknown here. */
  async begin(): Promise<boolean> {
    if (await this.#extend().catch(() => false)) this.#schedule();
    else this.#lose();
    return !this.#over;
  }

  /** Returns the token, so that the next process can take it at once. */
  async release(): Promise<void> {
    if (this.#over) return;
    this.#lose();
    await this.hide(this.#handle, 0);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#renew(), (this.seconds * 1_000) / 3);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    const kept = await this.#extend().catch((error: unknown) => {
      this.failed(error);
      return performance.now() < this.#until;
    });
    if (this.#over) return;
    const old = performance.now() - this.#since > longestLease;
    if (old) await this.release();
    else if (kept) this.#schedule();
    else this.#lose();
  }

  /** False if another process has the token, or may have it: a process that was frozen cannot know. */
  async #extend(): Promise<boolean> {
    const requested = performance.now();
    if (this.#until > 0 && requested > this.#until) return false;
    const failure = await this.hide(this.#handle, this.seconds);
    if (failure !== undefined && isStale(String(failure))) return false;
    if (failure !== undefined) throw failure;
    if (this.#over) return false;
    this.#until = requested + this.seconds * 900;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lose(), this.#until - performance.now());
    this.#deadline.unref();
    return true;
  }
}
