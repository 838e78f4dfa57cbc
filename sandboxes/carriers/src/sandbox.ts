import type { Booking, LedgerEntry, Move, MovedEntry } from './booking.ts';
import { Books } from './books.ts';
import { FaultBoard } from './faults.ts';
import { forgetful, LedgerFile, type LedgerStore } from './ledger-file.ts';
import { Refusal } from './refusal.ts';
import { profiles } from './tariff.ts';
import { WebhookSender, type WebhookTarget } from './webhook-sender.ts';

export interface SandboxOptions {
  /** The append-only ledger; null keeps nothing. */
  readonly dataFile: string | null;
  readonly currency?: string;
  readonly webhook?: WebhookTarget;
  /** Milliseconds before the first retry of a webhook. */
  readonly firstWebhookRetry?: number;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/** All carriers of the sandbox with their common ledger, faults and webhooks, without HTTP. */
export class Sandbox {
  readonly faults: FaultBoard;
  private readonly carriers: ReadonlyMap<string, Books>;
  private readonly untold = new Map<string, MovedEntry>();
  private readonly sender: WebhookSender;

  private constructor(
    private readonly store: LedgerStore,
    options: SandboxOptions,
  ) {
    const now = options.now ?? (() => new Date());
    const settings = { currency: options.currency ?? 'EUR', now };
    this.faults = new FaultBoard(options.random);
    this.carriers = new Map(
      profiles.map((profile) => [profile.name, new Books(profile, store, settings)]),
    );
    this.sender = new WebhookSender({
      now,
      trackingNumberOf: ({ carrier, operationId }) =>
        this.books(carrier).get(operationId).trackingNumber,
      told: (eventId) => this.told(eventId),
      ...(options.firstWebhookRetry === undefined ? {} : { firstRetry: options.firstWebhookRetry }),
    });
  }

  /** Reads the ledger and goes on where the last run ended, webhooks included. */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    const { store, entries } =
      options.dataFile === null
        ? { store: forgetful, entries: [] }
        : await LedgerFile.open(options.dataFile);
    const sandbox = new Sandbox(store, options);
    for (const entry of entries) sandbox.restore(entry);
    sandbox.sender.send([...sandbox.untold.values()]);
    if (options.webhook) sandbox.sender.sendTo(options.webhook);
    return sandbox;
  }

  get names(): readonly string[] {
    return [...this.carriers.keys()];
  }

  books(carrier: string): Books {
    const found = this.carriers.get(carrier);
    if (!found) throw new Refusal(404, 'unknown_carrier', `there is no carrier ${carrier}`);
    return found;
  }

  /** Moves a parcel on and tells the shipper of it. */
  async move(carrier: string, operationId: string, target: Move): Promise<readonly MovedEntry[]> {
    const moved = await this.books(carrier).move(operationId, target);
    for (const each of moved) this.untold.set(each.eventId, each);
    const { webhooksReversed, webhookCopies } = this.faults.of(carrier);
    this.sender.send(webhooksReversed ? moved.toReversed() : moved, webhookCopies);
    return moved;
  }

  /** Everything the carriers know, for invariants: who has a live parcel, and of which operation. */
  ledger(): readonly Booking[] {
    return [...this.carriers.values()].flatMap((books) => books.bookings());
  }

  sendWebhooksTo(target: WebhookTarget): void {
    this.sender.sendTo(target);
  }

  async close(): Promise<void> {
    await this.sender.close();
    await this.store.close();
  }

  private restore(entry: LedgerEntry): void {
    if (entry.kind === 'told') {
      this.untold.delete(entry.eventId);
      return;
    }
    if (entry.kind === 'moved') this.untold.set(entry.eventId, entry);
    this.books(entry.carrier).apply(entry);
  }

  private async told(eventId: string): Promise<void> {
    this.untold.delete(eventId);
    await this.store.append([{ kind: 'told', eventId }]);
  }
}
