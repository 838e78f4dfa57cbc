import type { Envelope } from '@waybill/contracts';
import { Problem } from '@waybill/http';
import {
  AccountActivity,
  type ActivityChange,
  type ActivityPage,
} from '../inactive/account-activity.ts';
import { type FeedStart, type OrderFeed, OrderFeeds, type OrderVersion } from '../order-feeds.ts';

/** A customer service that tells who is deactivated. */
export class FakeActivity extends AccountActivity {
  readonly changes: ActivityChange[] = [];

  async after(position: number): Promise<ActivityPage> {
    return { position: this.changes.length, changes: this.changes.slice(position) };
  }
}

/** An order service with orders of Ada and of others; `advance` makes the next version of one. */
export class FakeFeeds extends OrderFeeds {
  readonly starts: FeedStart[] = [];
  readonly owners = new Map<string, string>();
  private readonly versions = new Map<string, number>();
  private readonly wakers = new Set<() => void>();
  private readonly open_ = new Set<{ ended: Error | null }>();

  advance(orderId: string, owner = 'Bearer ada'): void {
    this.owners.set(orderId, owner);
    this.versions.set(orderId, (this.versions.get(orderId) ?? 0) + 1);
    this.wake();
  }

  /** The number of feeds that are open. */
  get size(): number {
    return this.open_.size;
  }

  /** All streams are cut off, as when the service is killed. */
  cut(): void {
    for (const feed of this.open_) feed.ended = new Error('lost');
    this.wake();
  }

  async open(orderId: string, start: FeedStart): Promise<OrderFeed> {
    const { authorization, after } = start;
    this.starts.push(start);
    const mine = [this.owners.get(orderId), 'Bearer operator'].includes(authorization);
    if (!this.owners.has(orderId) || !mine)
      throw new Problem(404, 'not_found', 'there is no such order');
    const feed = { ended: null as Error | null };
    this.open_.add(feed);
    const close = (): void => {
      feed.ended ??= new Error('closed');
      this.open_.delete(feed);
      this.wake();
    };
    const current = this.versions.get(orderId) ?? 1;
    return { versions: this.from(orderId, after ?? current - 1, feed), close };
  }

  private async *from(
    id: string,
    after: number,
    feed: { ended: Error | null },
  ): AsyncIterable<OrderVersion> {
    for (let version = after + 1; !feed.ended; ) {
      if (version <= (this.versions.get(id) ?? 0)) {
        yield { id: version, order: { id, status: 'pending', version } };
        version += 1;
      } else await new Promise<void>((resolve) => this.wakers.add(resolve));
    }
    throw feed.ended;
  }

  private wake(): void {
    for (const wake of this.wakers) wake();
    this.wakers.clear();
  }
}

/** Live updates that a test publishes. */
export class FakeLive {
  publish: (data: unknown) => void = () => {};

  observe(_: unknown, listener: (envelope: Envelope) => void): () => void {
    this.publish = (data) => listener({ version: 1, data } as Envelope);
    return () => {};
  }
}
