import { decode } from '@waybill/message';
import type { Delivery } from './broker.ts';
import type { Clock } from './clock.ts';
import { sinkInboxRow } from './sink-inbox-row.ts';
import { BatchConflict, emptyBatch, type InboxRow, type ParkedRow, type Store } from './store.ts';

/** A redriven dead letter of a batch consumer: it comes from the database of the service. */
export interface RedrivenDelivery extends Delivery {
  readonly redriven: true;
}

export interface SinkRedrivesOptions {
  readonly group: string;
  readonly shards: number;
  readonly store: Pick<Store, 'due' | 'commit'>;
  readonly clock: Clock;
  readonly deliver: (delivery: RedrivenDelivery) => void;
  readonly onTrouble: (error: unknown) => void;
}

const pollEvery = 1_000;
const most = 100;
/** Delivers redriven dead letters to their batch consumer. Any replica takes them, because writing is idempotent. */
export class SinkRedrives {
  private readonly inHand = new Set<string>();
  private readonly shards: readonly number[];
  private cancel: () => void = () => undefined;
  private stopped = false;

  constructor(private readonly options: SinkRedrivesOptions) {
    this.shards = Array.from({ length: options.shards }, (_, shard) => shard);
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
    try {
      for (const row of await store.due(group, this.shards, most)) {
        if (this.inHand.has(row.messageId) || this.stopped) continue;
        this.inHand.add(row.messageId);
        deliver(this.deliveryOf(row));
      }
    } catch (error) {
      onTrouble(error);
    }
  }

  private deliveryOf(row: ParkedRow): RedrivenDelivery {
    const { channel, body, shard, messageId } = row;
    return {
      channel,
      body,
      shard,
      redelivered: true,
      redriven: true,
      ack: () => void this.done(row),
      giveBack: () => void this.inHand.delete(messageId),
    };
  }

  /** If it was dead-lettered again meanwhile, its row is gone already and its outcome stays. */
  private async done(row: ParkedRow): Promise<void> {
    const { group, messageId } = row;
    try {
      await this.options.store.commit({
        ...emptyBatch,
        inbox: [this.inboxRow(row)],
        unpark: [{ group, messageId }],
      });
    } catch (error) {
      if (!(error instanceof BatchConflict)) this.options.onTrouble(error);
    }
    this.inHand.delete(messageId);
  }

  private inboxRow({ group, channel, body, attempt, firstAt }: ParkedRow): InboxRow {
    const end = { group, channel, broker: 'parked', attempt, firstAt, first: false } as const;
    return sinkInboxRow(decode(body), { ...end, outcome: 'applied' }, this.options.clock.now());
  }
}
