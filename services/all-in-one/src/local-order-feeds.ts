import { type FeedStart, feedOf, feedPath, type OrderFeed, OrderFeeds } from '@waybill/gateway';
import { stopping } from '@waybill/http';
import type { RunningService } from '@waybill/service';

/** Reads the stream of the order service in this process, so that ownership, versions and catch-up exist only there. */
export class LocalOrderFeeds extends OrderFeeds {
  constructor(private readonly services: readonly RunningService[]) {
    super();
  }

  async open(orderId: string, start: FeedStart): Promise<OrderFeed> {
    const order = this.services.find(({ name }) => name === 'order');
    const answer = await order?.app.inject({
      url: feedPath(orderId, start),
      headers: { authorization: start.authorization },
      payloadAsStream: true,
    });
    if (!answer) throw stopping();
    return feedOf(answer.statusCode, answer.stream(), () => answer.raw.res.destroy());
  }
}
