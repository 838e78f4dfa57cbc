import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect, it } from '@jest/globals';
import { partitionOf } from '@waybill/message';
import { type Delivery, systemClock } from '@waybill/messaging';
import { GroupReader, type ReaderParts } from './group-reader.ts';

/** A queue that gives out its messages in order, to whoever comes first. A receive waits for a message, or for a nudge. */
class FairQueue {
  private readonly inFlight = new Map<string, Message>();
  private readonly polls: (() => void)[] = [];
  private handles = 0;

  constructor(private readonly visible: Message[]) {}

  async send(command: unknown): Promise<unknown> {
    if (command instanceof ReceiveMessageCommand) return this.receive(command.input);
    if (command instanceof ChangeMessageVisibilityBatchCommand)
      for (const { ReceiptHandle = '', VisibilityTimeout = 0 } of command.input.Entries ?? [])
        setTimeout(() => this.giveBack(ReceiptHandle), VisibilityTimeout * 1_000).unref();
    if (command instanceof DeleteMessageBatchCommand)
      for (const { ReceiptHandle = '' } of command.input.Entries ?? [])
        this.inFlight.delete(ReceiptHandle);
    if (command instanceof SendMessageCommand) this.wake();
    return {};
  }

  private async receive({ MaxNumberOfMessages }: ReceiveMessageCommand['input']) {
    if (this.visible.length === 0) await new Promise<void>((resolve) => this.polls.push(resolve));
    const Messages = this.visible.splice(0, MaxNumberOfMessages).map((message): Message => {
      const receives = Number(message.Attributes?.['ApproximateReceiveCount'] ?? 0) + 1;
      this.handles += 1;
      const ReceiptHandle = String(this.handles);
      const Attributes = { ApproximateReceiveCount: String(receives) };
      const received = { ...message, ReceiptHandle, Attributes };
      this.inFlight.set(ReceiptHandle, received);
      return received;
    });
    return { Messages };
  }

  private giveBack(handle: string): void {
    const message = this.inFlight.get(handle);
    if (message) this.visible.push(message);
    this.inFlight.delete(handle);
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.polls.splice(0)) resolve();
  }
}

const keysOf = (partition: number, count: number) =>
  Array.from({ length: 200 }, (_, n) => `key-${n}`)
    .filter((key) => partitionOf(key, 2) === partition)
    .slice(0, count);
const messageOf = (key: string): Message => ({
  MessageId: key,
  Body: JSON.stringify({ key }),
  Attributes: {},
});

it('two consumers that first receive the messages of each other do not go on so, in step', async () => {
  const [ofFirst, ofSecond] = [keysOf(0, 10), keysOf(1, 10)];
  const queue = new FairQueue([...ofSecond, ...ofFirst].map(messageOf));
  const delivered: string[][] = [[], []];
  const readerOf = (owned: number, ended: () => void) => {
    const deliver = (delivery: Delivery) => {
      delivered[owned]?.push((JSON.parse(delivery.body) as { key: string }).key);
      delivery.ack();
      if (delivered[owned]?.length === 10) ended();
    };
    const home = { name: 'orders', partitions: 2, selections: new Map() };
    const parts = {
      group: 'orders',
      listener: { deliver },
      prefetch: 100,
      topology: { homeOf: () => home },
      connection: { polls: queue, sqs: queue, worked: () => {}, failed: () => {} },
      counters: { acked: () => {}, delivered: () => {} },
      knobs: { visibilitySeconds: 600, holdSeconds: 600, waitSeconds: 1, receivers: 1 },
      clock: systemClock,
      owns: (partition: number) => partition === owned,
    };
    const address = { name: 'orders', url: 'http://queue', fifo: false };
    return new GroupReader(parts as unknown as ReaderParts, address as never);
  };
  const readers: GroupReader[] = [];
  const all = [0, 1].map(
    (owned) => new Promise<void>((resolve) => readers.push(readerOf(owned, resolve))),
  );
  for (const reader of readers) reader.start();
  await Promise.all(all);
  for (const reader of readers) await reader.stop();
  expect(delivered.map((keys) => keys.toSorted())).toEqual(
    [ofFirst, ofSecond].map((keys) => keys.toSorted()),
  );
}, 25_000);
