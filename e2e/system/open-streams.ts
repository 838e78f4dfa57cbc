import { afterEach } from '@jest/globals';
import type { Client } from './client.ts';
import { OrderStreamReader } from './order-stream-reader.ts';

/** Versions of an order, in steps of one. */
export const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

export type OpenStream = (
  client: Client,
  orderId: string,
  options?: Parameters<typeof OrderStreamReader.open>[2],
) => Promise<OrderStreamReader>;

/** Opens streams that are closed after each test. */
export function openStreams(): OpenStream {
  const readers: OrderStreamReader[] = [];
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });
  return async (client, orderId, options) => {
    const reader = await OrderStreamReader.open(client, orderId, options);
    readers.push(reader);
    return reader;
  };
}
