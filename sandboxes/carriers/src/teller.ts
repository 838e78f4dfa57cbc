import { WebhookSender, type WebhookTarget } from '@waybill/webhooks';

export interface TellerOptions<E> {
  readonly now: () => Date;
  /** Where the webhook goes, from the URL of the receiver. */
  readonly urlOf: (url: string, event: E) => string;
  readonly bodyOf: (event: E) => object;
  /** Called when the receiver has accepted the event: it is not sent again. */
  readonly told: (eventId: string) => Promise<void>;
  /** Milliseconds before the first retry; each further wait doubles, up to 30 s. */
  readonly firstRetry?: number | undefined;
}

const longestWait = 30_000;

/** Sends events as webhooks until the receiver has accepted them. Each is retried on its own, so their order may change. */
export class Teller<E extends { readonly eventId: string }> {
  private readonly sender: WebhookSender;
  private readonly waiting: E[] = [];
  private target: WebhookTarget | null = null;

  constructor(private readonly options: TellerOptions<E>) {
    const first = options.firstRetry ?? 200;
    this.sender = new WebhookSender({
      now: options.now,
      delay: (failures) => Math.min(longestWait, first * 2 ** (failures - 1)),
    });
  }

  /** Sets the receiver of webhooks, also for those that wait. */
  sendTo(target: WebhookTarget): void {
    this.target = target;
    this.send(this.waiting.splice(0));
  }

  send(events: readonly E[], copies = 1): void {
    if (!this.target) {
      this.waiting.push(...events);
      return;
    }
    for (const event of events) {
      for (let copy = 0; copy < copies; copy += 1) void this.tell(event, this.target);
    }
  }

  close(): Promise<void> {
    return this.sender.close();
  }

  private async tell(event: E, target: WebhookTarget): Promise<void> {
    const { urlOf, bodyOf, told } = this.options;
    const webhook = { id: event.eventId, body: JSON.stringify(bodyOf(event)) };
    const url = urlOf(target.url, event);
    if (await this.sender.send({ ...target, url }, webhook)) await told(event.eventId);
  }
}
