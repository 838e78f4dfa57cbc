import { WebhookSender, type WebhookTarget } from '@waybill/webhooks';
import type { MovedEntry } from './booking.ts';

export interface MoveTellerOptions {
  readonly now: () => Date;
  readonly trackingNumberOf: (move: MovedEntry) => string | null;
  /** Called when the receiver has accepted the event: it is not sent again. */
  readonly told: (eventId: string) => Promise<void>;
  /** Milliseconds before the first retry; each further wait doubles, up to 30 s. */
  readonly firstRetry?: number;
}

const longestWait = 30_000;

/** Sends moves as webhooks until the receiver has accepted them. Each is retried on its own, so their order may change. */
export class MoveTeller {
  private readonly sender: WebhookSender;
  private readonly waiting: MovedEntry[] = [];
  private target: WebhookTarget | null = null;

  constructor(private readonly options: MoveTellerOptions) {
    const first = options.firstRetry ?? 200;
    this.sender = new WebhookSender({
      now: options.now,
      delay: (failures) => Math.min(longestWait, first * 2 ** (failures - 1)),
    });
  }

  /** Sets the receiver of webhooks, also for those that wait. `{carrier}` is replaced by the carrier's name. */
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
      for (let copy = 0; copy < copies; copy += 1) void this.tell(move, this.target);
    }
  }

  close(): Promise<void> {
    return this.sender.close();
  }

  private async tell(move: MovedEntry, target: WebhookTarget): Promise<void> {
    const url = target.url.replace('{carrier}', move.carrier);
    const webhook = { id: move.eventId, body: this.bodyOf(move) };
    if (await this.sender.send({ ...target, url }, webhook)) await this.options.told(move.eventId);
  }

  private bodyOf(move: MovedEntry): string {
    const { carrier, operationId, status, at } = move;
    const trackingNumber = this.options.trackingNumberOf(move);
    return JSON.stringify({
      type: 'shipment.moved',
      timestamp: at,
      data: { carrier, operationId, trackingNumber, status, at },
    });
  }
}
