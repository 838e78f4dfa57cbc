import { dirname, join } from 'node:path';
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
import { Refusal } from './refusal.ts';
import { Supplier, supplierName } from './supplier.ts';
import { profiles } from './tariff.ts';
import { Teller } from './teller.ts';

export interface SandboxOptions {
  /** The append-only ledger, with that of the supplier beside it; null stores nothing. */
  readonly dataFile: string | null;
  readonly currency?: string;
  readonly webhook?: WebhookTarget;
  readonly supplierWebhook?: WebhookTarget;
  /** Milliseconds between an order at the supplier and its delivery; default one second. */
  readonly deliversAfter?: number;
  /** Milliseconds before the first retry of a webhook. */
  readonly firstWebhookRetry?: number;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/** The supplier, and all carriers of the sandbox with their shared ledger, faults and webhooks, without HTTP. */
export class Sandbox {
  private readonly carriers: ReadonlyMap<string, Books>;
  private readonly untold = new Map<string, MovedEntry>();
  private readonly teller: Teller<MovedEntry>;

  private constructor(
    private readonly ledgerFile: Ledger,
    readonly faults: FaultBoard,
    readonly supplier: Supplier,
    options: SandboxOptions,
  ) {
    const now = options.now ?? (() => new Date());
    const settings = { currency: options.currency ?? 'EUR', now };
    this.carriers = new Map(
      profiles.map((profile) => [profile.name, new Books(profile, ledgerFile, settings)]),
    );
    this.teller = new Teller({
      now,
      urlOf: (url, { carrier }) => url.replace('{carrier}', carrier),
      bodyOf: ({ carrier, operationId, status, at }) => {
        const { trackingNumber } = this.books(carrier).get(operationId);
        const data = { carrier, operationId, trackingNumber, status, at };
        return { type: 'shipment.moved', timestamp: at, data };
      },
      told: (eventId) => this.told(eventId),
      firstRetry: options.firstWebhookRetry,
    });
  }

  /** Reads the ledger and continues where the last run ended, including unsent webhooks. */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    const { dataFile } = options;
    const faults = new FaultBoard(options.random);
    const supplier = await Supplier.open({
      dataFile: dataFile === null ? null : join(dirname(dataFile), 'supplier.ledger'),
      now: options.now ?? (() => new Date()),
      faults,
      webhook: options.supplierWebhook,
      firstWebhookRetry: options.firstWebhookRetry,
      deliversAfter: options.deliversAfter,
    });
    try {
      const log = dataFile === null ? null : await AppendLog.open<LedgerEntry>(dataFile);
      const sandbox = new Sandbox(log ?? forgetful, faults, supplier, options);
      await log?.replay((line) => sandbox.restore(line));
      sandbox.teller.send([...sandbox.untold.values()]);
      if (options.webhook) sandbox.teller.sendTo(options.webhook);
      return sandbox;
    } catch (error) {
      await supplier.close();
      throw error;
    }
  }

  /** Resolves when the ledger is broken: nothing can be booked any more, and this process must end. */
  get failed(): Promise<Error> {
    return Promise.race([this.ledgerFile.failed, this.supplier.failed]);
  }

  get names(): readonly string[] {
    return [...this.carriers.keys()];
  }

  books(carrier: string): Books {
    const found = this.carriers.get(carrier);
    if (!found) throw new Refusal(404, 'unknown_carrier', `there is no carrier ${carrier}`);
    return found;
  }

  /** The name of a carrier or of the supplier, whose faults are to be read or set. Throws a `Refusal` for others. */
  member(name: string): string {
    return name === supplierName ? name : this.books(name).profile.name;
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
    await Promise.all([this.teller.close(), this.supplier.close()]);
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
