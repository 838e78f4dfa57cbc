import { randomUUID } from 'node:crypto';
import { AppendLog } from '@waybill/append-log';
import type { WebhookTarget } from '@waybill/webhooks';
import { z } from 'zod';
import type { FaultBoard } from './faults.ts';
import { forgetful, type Ledger } from './ledger.ts';
import { Refusal } from './refusal.ts';
import { Teller } from './teller.ts';

/** The only supplier of the sandbox. */
export const supplierName = 'granary';

const delivered = z.object({
  kind: z.literal('delivered'),
  orderId: z.string(),
  eventId: z.string(),
  at: z.iso.datetime(),
});
type Delivered = Readonly<z.output<typeof delivered>>;

/** A line of the supplier's ledger; its book is folded from all lines. */
const supplyEntry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ordered'),
    orderId: z.string(),
    sku: z.string(),
    quantity: z.int(),
    at: z.iso.datetime(),
  }),
  delivered,
  z.object({ kind: z.literal('told'), eventId: z.string() }),
]);
type SupplyEntry = Readonly<z.output<typeof supplyEntry>>;

/** The supplier's record of one order; `orderId` is the idempotency key of the shop. */
export interface SupplyOrder {
  readonly orderId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly status: 'ordered' | 'delivered';
  readonly at: string;
  /** Whether the shop has accepted the webhook about the delivery. */
  readonly acknowledged: boolean;
}

export interface SupplierOptions {
  /** The append-only ledger; null stores nothing. */
  readonly dataFile: string | null;
  readonly now: () => Date;
  readonly faults: FaultBoard;
  readonly webhook?: WebhookTarget | undefined;
  readonly firstWebhookRetry?: number | undefined;
  /** Milliseconds between an order and its delivery; default one second. */
  readonly deliversAfter?: number | undefined;
}

/** A supplier of goods: takes each order once, delivers it later, and says so by a webhook. */
export class Supplier {
  private readonly known = new Map<string, SupplyOrder>();
  private readonly untold = new Map<string, Delivered>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly teller: Teller<Delivered>;

  private constructor(
    private readonly ledger: Ledger<SupplyEntry>,
    private readonly options: SupplierOptions,
  ) {
    this.teller = new Teller({
      now: options.now,
      urlOf: (url) => url.replace('{supplier}', supplierName),
      bodyOf: ({ orderId, at }) => {
        const { sku, quantity } = this.find(orderId);
        const data = { supplier: supplierName, requestId: orderId, sku, quantity, at };
        return { type: 'goods.delivered', timestamp: at, data };
      },
      told: (eventId) => this.told(eventId),
      firstRetry: options.firstWebhookRetry,
    });
  }

  /** Reads the ledger and continues where the last run ended: deliveries that are due, and unsent webhooks. */
  static async open(options: SupplierOptions): Promise<Supplier> {
    const { dataFile } = options;
    const log = dataFile === null ? null : await AppendLog.open<SupplyEntry>(dataFile);
    const supplier = new Supplier(log ?? forgetful, options);
    await log?.replay((line) => {
      const { data: entry, error } = supplyEntry.safeParse(line);
      if (error) throw new TypeError(`is not an entry of a ledger (${error.issues[0]?.message})`);
      supplier.apply(entry);
    });
    for (const { orderId } of supplier.orders()) supplier.deliverLater(orderId);
    supplier.teller.send([...supplier.untold.values()]);
    if (options.webhook) supplier.teller.sendTo(options.webhook);
    return supplier;
  }

  /** Resolves when the ledger is broken. */
  get failed(): Promise<Error> {
    return this.ledger.failed;
  }

  /** Takes an order once. Throws a `Refusal` for other goods under the same id. */
  async order(orderId: string, goods: { sku: string; quantity: number }): Promise<SupplyOrder> {
    const before = this.known.get(orderId);
    if (before && (before.sku !== goods.sku || before.quantity !== goods.quantity)) {
      throw new Refusal(422, 'idempotency_key_reused', `${orderId} came with other goods`);
    }
    if (before) await this.ledger.safe();
    else await this.record({ kind: 'ordered', orderId, ...goods, at: this.now() });
    this.deliverLater(orderId);
    return this.find(orderId);
  }

  /** Delivers an order, once, and tells the shop. */
  async deliver(orderId: string): Promise<SupplyOrder> {
    if (this.find(orderId).status === 'ordered') {
      const entry: Delivered = {
        kind: 'delivered',
        orderId,
        eventId: `msg_${randomUUID()}`,
        at: this.now(),
      };
      await this.record(entry);
      this.teller.send([entry], this.options.faults.of(supplierName).webhookCopies);
    }
    return this.find(orderId);
  }

  knows(orderId: string): boolean {
    return this.known.has(orderId);
  }

  /** All orders, for invariants: the goods of an acknowledged delivery are in the shop's stock. */
  orders(): readonly SupplyOrder[] {
    return [...this.known.values()];
  }

  sendWebhooksTo(target: WebhookTarget): void {
    this.teller.sendTo(target);
  }

  async close(): Promise<void> {
    for (const timer of this.timers.values()) clearTimeout(timer);
    await this.teller.close();
    await this.ledger.close();
  }

  private deliverLater(orderId: string): void {
    if (this.timers.has(orderId) || this.find(orderId).status === 'delivered') return;
    const deliver = () => {
      this.timers.delete(orderId);
      if (this.options.faults.of(supplierName).neverDelivers) return;
      // A broken ledger ends the process, and the next one delivers.
      this.deliver(orderId).catch(() => undefined);
    };
    const timer = setTimeout(deliver, this.options.deliversAfter ?? 1_000);
    this.timers.set(orderId, timer.unref());
  }

  private find(orderId: string): SupplyOrder {
    const found = this.known.get(orderId);
    if (!found) throw new Refusal(404, 'unknown_order', `${orderId} is not known`);
    return found;
  }

  private now(): string {
    return this.options.now().toISOString();
  }

  private record(entry: SupplyEntry): Promise<void> {
    this.apply(entry);
    return this.ledger.append(entry);
  }

  private async told(eventId: string): Promise<void> {
    // If this line is lost, the webhook is sent again after the next start.
    await this.record({ kind: 'told', eventId }).catch(() => undefined);
  }

  private apply(entry: SupplyEntry): void {
    if (entry.kind === 'ordered') {
      const { kind: _, ...order } = entry;
      this.known.set(order.orderId, { ...order, status: 'ordered', acknowledged: false });
    } else if (entry.kind === 'delivered') {
      this.known.set(entry.orderId, { ...this.find(entry.orderId), status: 'delivered' });
      this.untold.set(entry.eventId, entry);
    } else {
      const event = this.untold.get(entry.eventId);
      if (!event) return;
      this.untold.delete(entry.eventId);
      this.known.set(event.orderId, { ...this.find(event.orderId), acknowledged: true });
    }
  }
}
