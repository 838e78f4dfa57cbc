import { AppendLog } from '@waybill/append-log';
import type { WebhookTarget } from '@waybill/webhooks';
import {
  type Booking,
  type LedgerEntry,
  ledgerEntry,
  type Move,
  type MovedEntry,
} from './booking.ts';
import { Books } from './books.ts';
import { FaultBoard } from './faults.ts';
import { forgetful, type Ledger } from './ledger.ts';
import { MoveTeller } from './move-teller.ts';
import { Refusal } from './refusal.ts';
import { profiles } from './tariff.ts';

export interface SandboxOptions {
  /** The append-only ledger; null stores nothing. */
  readonly dataFile: string | null;
  readonly currency?: string;
  readonly webhook?: WebhookTarget;
  /** Milliseconds before the first retry of a webhook. */
  readonly firstWebhookRetry?: number;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/** All carriers of the sandbox with their shared ledger, faults and webhooks, without HTTP. */
export class Sandbox {
  readonly faults: FaultBoard;
  private readonly carriers: ReadonlyMap<string, Books>;
  private readonly untold = new Map<string, MovedEntry>();
  private readonly teller: MoveTeller;

  private constructor(
    private readonly ledgerFile: Ledger,
    options: SandboxOptions,
  ) {
    const now = options.now ?? (() => new Date());
    const settings = { currency: options.currency ?? 'EUR', now };
    this.faults = new FaultBoard(options.random);
    this.carriers = new Map(
      profiles.map((profile) => [profile.name, new Books(profile, ledgerFile, settings)]),
    );
    this.teller = new MoveTeller({
      now,
      trackingNumberOf: ({ carrier, operationId }) =>
        this.books(carrier).get(operationId).trackingNumber,
      told: (eventId) => this.told(eventId),
      ...(options.firstWebhookRetry === undefined ? {} : { firstRetry: options.firstWebhookRetry }),
    });
  }

  /** Reads the ledger and continues where the last run ended, including unsent webhooks. */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    const { dataFile } = options;
    const log = dataFile === null ? null : await AppendLog.open<LedgerEntry>(dataFile);
    const sandbox = new Sandbox(log ?? forgetful, options);
    await log?.replay((line) => sandbox.restore(line));
    sandbox.teller.send([...sandbox.untold.values()]);
    if (options.webhook) sandbox.teller.sendTo(options.webhook);
    return sandbox;
  }

  /** Resolves when the ledger is broken: nothing can be booked any more, and this process must end. */
  get failed(): Promise<Error> {
    return this.ledgerFile.failed;
  }

  get names(): readonly string[] {
    return [...this.carriers.keys()];
  }

  books(carrier: string): Books {
    const found = this.carriers.get(carrier);
    if (!found) throw new Refusal(404, 'unknown_carrier', `there is no carrier ${carrier}`);
    return found;
  }

  /** Moves a parcel and notifies the shipper. */
  async move(carrier: string, operationId: string, target: Move): Promise<readonly MovedEntry[]> {
    const moved = await this.books(carrier).move(operationId, target);
    for (const each of moved) this.untold.set(each.eventId, each);
    const { webhooksReversed, webhookCopies } = this.faults.of(carrier);
    this.teller.send(webhooksReversed ? moved.toReversed() : moved, webhookCopies);
    return moved;
  }

  /** All bookings of all carriers, for invariants: each live parcel with its operation. */
  ledger(): readonly Booking[] {
    return [...this.carriers.values()].flatMap((books) => books.bookings());
  }

  sendWebhooksTo(target: WebhookTarget): void {
    this.teller.sendTo(target);
  }

  async close(): Promise<void> {
    await this.teller.close();
    await this.ledgerFile.close();
  }

  /** Throws for a line that is not a ledger entry, or that contradicts earlier lines. */
  private restore(line: unknown): void {
    const { data: entry, error } = ledgerEntry.safeParse(line);
    if (error) throw new TypeError(`is not an entry of a ledger (${error.issues[0]?.message})`);
    if (entry.kind === 'told') {
      this.untold.delete(entry.eventId);
      return;
    }
    if (entry.kind === 'moved') this.untold.set(entry.eventId, entry);
    this.books(entry.carrier).apply(entry);
  }

  private async told(eventId: string): Promise<void> {
    this.untold.delete(eventId);
    // If this line is lost, the webhook is sent again after the next start.
    await this.ledgerFile.append({ kind: 'told', eventId }).catch(() => undefined);
  }
}
