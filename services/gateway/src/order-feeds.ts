import type { Readable } from 'node:stream';
import { Problem, type ProblemBody } from '@waybill/http';
import { eventsIn } from './events-in.ts';

/** A version of an order, as its stream tells it. */
export interface OrderVersion {
  readonly id: number;
  readonly order: { readonly id: string; readonly status: string; readonly version: number };
}

/** The versions of an order from where its reader begins; ends with an error when the order service is lost. */
export interface OrderFeed {
  readonly versions: AsyncIterable<OrderVersion>;
  close(): void;
}

/** Whose order, and after which version; without `after` the feed begins with the order as it is. */
export interface FeedStart {
  readonly authorization: string;
  readonly after: number | undefined;
}

/** Reads orders at the order service; injected, because only the host can reach the service. */
export abstract class OrderFeeds {
  /** Rejects with the problem of the order service, such as 404 for an order of a stranger. */
  abstract open(orderId: string, start: FeedStart): Promise<OrderFeed>;
}

/** The path of the stream of server-sent events that a feed reads. */
export const feedPath = (orderId: string, { after }: FeedStart): string => {
  const query = after === undefined ? '' : `?lastEventId=${after}`;
  return `/api/v1/orders/${encodeURIComponent(orderId)}/stream${query}`;
};

/** The feed in a response to `feedPath`; rejects with the problem in it. */
export async function feedOf(
  status: number,
  body: Readable,
  close: () => void = () => body.destroy(),
): Promise<OrderFeed> {
  body.on('error', () => undefined);
  if (status !== 200) throw await problemIn(status, body);
  return { versions: versionsIn(body), close };
}

async function* versionsIn(body: Readable): AsyncIterable<OrderVersion> {
  for await (const { id, event, data } of eventsIn(body)) {
    if (event !== 'order_updated') continue;
    yield { id: Number(id), order: JSON.parse(data) as OrderVersion['order'] };
  }
}

async function problemIn(status: number, body: Readable): Promise<Problem> {
  let text = '';
  for await (const chunk of body) text += String(chunk);
  const { code, detail, errors } = JSON.parse(text) as ProblemBody;
  return new Problem(status, code, detail, errors ? { errors } : {});
}
