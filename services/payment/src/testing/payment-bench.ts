import { type Envelope, type Message, SettleVoid } from '@waybill/contracts';
import { MemoryKeys } from '@waybill/encryption/testing';
import type { ConsumerOptions } from '@waybill/messaging';
import { ConsumerBench, type TestDelivery } from '@waybill/messaging/testing';
import type { LedgerEntry } from '../domain/ledger.ts';
import type { Payment } from '../domain/payment.ts';
import type { PaymentProvider } from '../domain/provider.ts';
import { PaymentConsumer } from '../messages/payment.consumer.ts';
import { ledgerEntries, payments } from '../storage/payment.entities.ts';

/** Payment's handlers behind the real consumer; messages that payment sends to itself are delivered again. */
export class PaymentBench {
  readonly bench: ConsumerBench;
  readonly keys = new MemoryKeys();
  private looked = 0;

  constructor(provider: PaymentProvider, options: Partial<ConsumerOptions> = {}) {
    const config = { giveUpAfter: 20_000, actionWithin: 15 * 60_000 };
    const consumer = new PaymentConsumer(provider, config, this.keys.cipher());
    const handlers = [
      consumer.authorize(),
      consumer.void(),
      consumer.settleVoid(),
      consumer.capture(),
      consumer.refund(),
      consumer.takeProviderEvent(),
      consumer.settleChallenge(),
    ];
    this.bench = new ConsumerBench(handlers, { service: 'payment', ...options });
  }

  async start(): Promise<this> {
    await this.bench.start();
    return this;
  }

  deliver(message: Message, id?: string): TestDelivery {
    return this.bench.deliver(message, { group: 'payment', ...(id && { id }) });
  }

  /** Delivers a message and runs everything that needs no time. */
  async take(message: Message): Promise<void> {
    this.deliver(message);
    await this.quiet();
  }

  /** Runs a message of the service itself. */
  async submit(message: Message): Promise<void> {
    await Promise.all([this.bench.consumer.submit(message), this.quiet()]);
    await this.quiet();
  }

  async quiet(): Promise<void> {
    await this.bench.quiet();
    while (this.giveBackOwn()) await this.bench.quiet();
  }

  /** Advances the clock by seconds, one at a time. */
  async seconds(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      await this.bench.pass(1_000);
      await this.quiet();
    }
  }

  /** The replies to other services, in order. */
  replies(): { readonly type: string; readonly data: Record<string, unknown> }[] {
    return this.bench.sent
      .filter(({ type }) => type !== SettleVoid.type)
      .map(({ type, data }) => ({ type: type.slice('payment.'.length), data: data as never }));
  }

  payment(orderId: string): Payment | undefined {
    return this.bench.store.states.get(`${payments.table}/${orderId}`)?.value as
      | Payment
      | undefined;
  }

  ledger(): LedgerEntry[] {
    return this.bench.store.entries
      .filter(({ table }) => table.table === ledgerEntries.table)
      .map(({ row }) => row as LedgerEntry);
  }

  /** The balance of each account; accounts with 0 are left out. */
  balances(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { account, amount } of this.ledger()) sums[account] = (sums[account] ?? 0) + amount;
    return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
  }

  private giveBackOwn(): boolean {
    const fresh: Envelope[] = this.bench.sent.slice(this.looked);
    this.looked = this.bench.sent.length;
    const own = fresh.filter(({ type }) => type === SettleVoid.type);
    for (const { id, data } of own) this.deliver(SettleVoid(data as { orderId: string }), id);
    return own.length > 0;
  }
}
