import { type FeedStart, feedOf, feedPath, type OrderFeed, OrderFeeds } from '../order-feeds.ts';
import type { ServiceDoor } from './service-door.ts';

/** Milliseconds: the order service sends a comment every 15 seconds. */
const longestSilence = 40_000;

/** Calls the order service's own stream, so that ownership, versions and catch-up exist only there. */
export class RemoteOrderFeeds extends OrderFeeds {
  constructor(private readonly door: ServiceDoor) {
    super();
  }

  async open(orderId: string, start: FeedStart): Promise<OrderFeed> {
    const { statusCode, body } = await this.door.ofOne(({ pool }) =>
      pool.request({
        method: 'GET',
        path: feedPath(orderId, start),
        headers: { authorization: start.authorization, accept: 'text/event-stream' },
        bodyTimeout: longestSilence,
      }),
    );
    return feedOf(statusCode, body);
  }
}
