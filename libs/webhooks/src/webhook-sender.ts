import { setTimeout as wait } from 'node:timers/promises';
import { signedHeaders, type Webhook } from './signature.ts';

/** The receiver of webhooks. */
export interface WebhookTarget {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
}

/** The headers that prove to the receiver who sends a webhook. */
export type WebhookSigner = (
  secret: string,
  webhook: Webhook,
  now: Date,
) => Readonly<Record<string, string>>;

export interface WebhookSenderOptions {
  readonly now: () => Date;
  /** Milliseconds before the next try of a webhook that failed this many times; null gives up. */
  readonly delay: (failures: number) => number | null;
  /** Maximum concurrent requests; default 64. */
  readonly atOnce?: number;
  /** Milliseconds within which a receiver must answer; default 5,000. */
  readonly timeout?: number;
  /** Default: according to the Standard Webhooks specification. */
  readonly sign?: WebhookSigner;
}

/** Sends webhooks. Each is retried on its own, so webhooks may arrive in another order. */
export class WebhookSender {
  private readonly stop = new AbortController();
  private readonly running = new Set<Promise<boolean>>();
  private readonly queue: (() => void)[] = [];
  private posting = 0;

  constructor(private readonly options: WebhookSenderOptions) {}

  /** How many webhooks are neither delivered nor given up. */
  get waiting(): number {
    return this.running.size;
  }

  /** True once the receiver has answered 2xx; false if it was given up, or the sender was closed. */
  send(target: WebhookTarget, webhook: Webhook): Promise<boolean> {
    const run = this.untilTaken(target, webhook).finally(() => this.running.delete(run));
    this.running.add(run);
    return run;
  }

  /** Gives up every webhook that is not delivered yet. */
  async close(): Promise<void> {
    this.stop.abort();
    await Promise.allSettled(this.running);
  }

  private async untilTaken(target: WebhookTarget, webhook: Webhook): Promise<boolean> {
    for (let failures = 1; !this.stop.signal.aborted; failures += 1) {
      if (await this.inTurn(() => this.post(target, webhook))) return true;
      const ms = this.options.delay(failures);
      if (ms === null) return false;
      await wait(ms, undefined, { signal: this.stop.signal, ref: false }).catch(() => undefined);
    }
    return false;
  }

  private async inTurn(run: () => Promise<boolean>): Promise<boolean> {
    if (this.posting >= (this.options.atOnce ?? 64)) {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    } else this.posting += 1;
    try {
      return await run();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.posting -= 1;
    }
  }

  private async post({ url, secret }: WebhookTarget, webhook: Webhook): Promise<boolean> {
    const { timeout = 5_000, now, sign = signedHeaders } = this.options;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...sign(secret, webhook, now()) },
        body: webhook.body,
        redirect: 'error',
        signal: AbortSignal.any([this.stop.signal, AbortSignal.timeout(timeout)]),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }
}
