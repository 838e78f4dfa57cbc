import type { MovedEntry } from './booking.ts';
import { signedHeaders } from './webhook-signature.ts';

export interface WebhookTarget {
  /** `{carrier}` in it is replaced by the carrier's name. */
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
}

export interface WebhookSenderOptions {
  readonly now: () => Date;
  readonly trackingNumberOf: (move: MovedEntry) => string | null;
  /** The receiver has it: it is never sent again. */
  readonly told: (eventId: string) => Promise<void>;
  /** Milliseconds before the first retry; each further one waits twice as long, at most 30 s. */
  readonly firstRetry?: number;
}

const longestWait = 30_000;
const timeout = 5_000;
const atOnce = 64;

/** Tells of moves until the receiver has answered 2xx. Each webhook has retries of its own, so order may change. */
export class WebhookSender {
  private readonly stop = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly waiting: MovedEntry[] = [];
  private readonly queue: (() => void)[] = [];
  private sending = 0;
  private target: WebhookTarget | null = null;

  constructor(private readonly options: WebhookSenderOptions) {}

  /** Where webhooks go from now on; what waited goes too. */
  sendTo(target: WebhookTarget): void {
    this.target = target;
    this.send(this.waiting.splice(0));
  }

  send(moves: readonly MovedEntry[], copies = 1): void {
    if (!this.target) {
      this.waiting.push(...moves);
      return;
    }
    for (const move of moves) {
      for (let copy = 0; copy < copies; copy += 1) this.begin(move, this.target);
    }
  }

  async close(): Promise<void> {
    this.stop.abort();
    await Promise.allSettled(this.running);
  }

  private begin(move: MovedEntry, target: WebhookTarget): void {
    const run = this.untilTold(move, target).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async untilTold(move: MovedEntry, target: WebhookTarget): Promise<void> {
    let wait = this.options.firstRetry ?? 200;
    while (!this.stop.signal.aborted) {
      if (await this.inTurn(() => this.attempt(move, target))) {
        await this.options.told(move.eventId);
        return;
      }
      await this.pause(wait);
      wait = Math.min(longestWait, wait * 2);
    }
  }

  private async inTurn(run: () => Promise<boolean>): Promise<boolean> {
    if (this.sending >= atOnce) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.sending += 1;
    try {
      return await run();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.sending -= 1;
    }
  }

  private async attempt(move: MovedEntry, target: WebhookTarget): Promise<boolean> {
    const body = JSON.stringify({
      type: 'shipment.moved',
      timestamp: move.at,
      data: {
        carrier: move.carrier,
        operationId: move.operationId,
        trackingNumber: this.options.trackingNumberOf(move),
        status: move.status,
        at: move.at,
      },
    });
    try {
      const answer = await fetch(target.url.replace('{carrier}', move.carrier), {
        method: 'POST',
        headers: signedHeaders(target.secret, move.eventId, body, this.options.now()),
        body,
        redirect: 'error',
        signal: AbortSignal.any([this.stop.signal, AbortSignal.timeout(timeout)]),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.stop.signal.addEventListener('abort', end, { once: true });
    });
  }
}
