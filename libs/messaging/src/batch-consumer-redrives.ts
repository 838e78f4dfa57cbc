import { decode } from '@waybill/message';
import { batchConsumerInboxRow } from './batch-consumer-inbox-row.ts';
import type { Delivery } from './broker.ts';
import type { Clock } from './clock.ts';
import { BatchConflict, type DeferredRow, emptyBatch, type InboxRow, type Store } from './store.ts';

/** A redriven dead letter of a batch consumer: it comes from the database of the service. */
export interface RedrivenDelivery extends Delivery {
  readonly redriven: true;
}

export interface BatchConsumerRedrivesOptions {
  readonly group: string;
  readonly partitions: number;
  readonly store: Pick<Store, 'due' | 'commit'>;
  readonly clock: Clock;
  readonly deliver: (delivery: RedrivenDelivery) => void;
  readonly onTrouble: (error: unknown) => void;
}

const pollEvery = 1_000;
const most = 100;
/** Delivers redriven dead letters to their batch consumer. Any replica takes them, because writing is idempotent. */
export class BatchConsumerRedrives {
  private readonly inHand = new Set<string>();
  private readonly partitions: readonly number[];
  private cancel: () => void = () => undefined;
  private stopped = false;
  /** While true, it delivers nothing. */
  paused = false;

  constructor(private readonly options: BatchConsumerRedrivesOptions) {
    this.partitions = Array.from({ length: options.partitions }, (_, partition) => partition);
  }

  get group(): string {
    return this.options.group;
  }

  /** Polls once a second, until `stop`. */
  start(): void {
    if (this.stopped) return;
    this.cancel = this.options.clock.after(pollEvery, () => {
      void this.poll();
      this.start();
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  async poll(): Promise<void> {
    const { store, group, deliver, onTrouble } = this.options;
    if (this.paused) return;
    try {
      for (const row of await store.due(group, this.partitions, most)) {
        if (this.inHand.has(row.messageId) || this.stopped) continue;
        this.inHand.add(row.messageId);
        deliver(this.deliveryOf(row));
      }
    } catch (error) {
      onTrouble(error);
    }
  }

  private deliveryOf(row: DeferredRow): RedrivenDelivery {
    const { channel, body, partition, messageId } = row;
    return {
      channel,
      body,
      partition,
      redelivered: true,
      redriven: true,
      ack: () => void this.done(row),
      giveBack: () => void this.inHand.delete(messageId),
    };
  }

  /** If it was dead-lettered again meanwhile, its row is gone already and its outcome stays. */
  private async done(row: DeferredRow): Promise<void> {
    const { group, messageId } = row;
    try {
      await this.options.store.commit({
        ...emptyBatch,
        inbox: [this.inboxRow(row)],
        undefer: [{ group, messageId }],
      });
    } catch (error) {
      if (!(error instanceof BatchConflict)) this.options.onTrouble(error);
    }
    this.inHand.delete(messageId);
  }

  private inboxRow({ group, channel, body, attempt, firstAt }: DeferredRow): InboxRow {
    const end = { group, channel, broker: 'parked', attempt, firstAt, first: false } as const;
    return batchConsumerInboxRow(
      decode(body),
      { ...end, outcome: 'applied' },
      this.options.clock.now(),
    );
  }
}
