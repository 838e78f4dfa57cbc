import { expect, it } from '@jest/globals';
import { until } from '@waybill/messaging/testing';
import type { KafkaClient, ReaderEvents } from './client/kafka-client.ts';
import { LastingReader } from './lasting-reader.ts';

/** A client whose readers join and leave when the test triggers it. */
function scene() {
  const steps: string[] = [];
  const readers: { readonly events: ReaderEvents; join(error?: Error): void; left(): void }[] = [];
  const client = {
    reader: (_: object, events: ReaderEvents) => {
      let join: (error?: Error) => void = () => undefined;
      let left: () => void = () => undefined;
      const joined = new Promise<void>((resolve, reject) => {
        join = (error) => (error ? reject(error) : resolve());
      });
      const gone = new Promise<void>((resolve) => {
        left = resolve;
      });
      readers.push({ events, join, left: () => left() });
      return {
        open: () => joined,
        close: () => {
          steps.push('closing');
          return gone;
        },
      };
    },
  } as unknown as KafkaClient;
  const reader = new LastingReader(
    client,
    () => ({ group: 'g', topics: new Map(), instance: null }),
    async () => void steps.push('looked'),
    {
      joined: () => [],
      rebalancing: () => undefined,
      records: () => undefined,
      lost: (error) => void steps.push(`lost: ${error.message}`),
    },
  );
  return { steps, readers, reader };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it.each([
  ['joins', undefined],
  ['fails', new Error('cut')],
])('is closed when what it was joining %s, and has left too', async (_, error) => {
  const { steps, readers, reader } = scene();
  const opened = reader.open().catch((failed: Error) => failed.message);
  const closed = reader.close().then(() => steps.push('closed'));
  await turn();
  expect(steps).toEqual(['closing']);
  readers[0]?.join(error);
  await turn();
  expect(steps).toEqual(['closing', 'closing']);
  readers[0]?.left();
  await closed;
  await opened;
  expect(steps).toEqual(['closing', 'closing', 'closed']);
});

it('comes back after it was lost, and no more when it is closed', async () => {
  const { steps, readers, reader } = scene();
  const opened = reader.open();
  readers[0]?.join();
  await opened;
  readers[0]?.events.failed(new Error('cut'));
  readers[0]?.left();
  expect(reader.isUp()).toBe(false);
  await until(() => readers.length === 2);
  readers[1]?.join();
  readers[1]?.left();
  await turn();
  await reader.close();
  readers[1]?.events.failed(new Error('late'));
  expect(steps).toEqual(['closing', 'lost: cut', 'looked', 'closing']);
  expect(readers.length).toBe(2);
});
