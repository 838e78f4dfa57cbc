import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@waybill/message';
import { GroupInUse } from '@waybill/messaging';
import { Probe } from '@waybill/messaging/testing';
import { type EmbeddedBroker, embeddedBroker } from './embedded-broker.ts';
import { MessageLog } from './log/message-log.ts';
import { eventOf } from './log/messages.fixture.ts';

let folder: string;
let log: MessageLog;
let broker: EmbeddedBroker;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-replay-'));
  log = await MessageLog.open({ folder });
  broker = embeddedBroker({ log, drain: 0 });
  await broker.declare([
    {
      name: 'orders',
      kind: 'event',
      partitions: 2,
      bindings: ['shop.events', 'shop.commands'].map((channel) => ({ channel, pattern: '#' })),
    },
  ]);
});
afterEach(async () => {
  await broker.close();
  await log.close();
  rmSync(folder, { recursive: true });
});

const seek = (channels?: readonly string[]) =>
  broker.operations.seek('orders', 'earliest', channels);
const partitionsOf = async (channel: string) =>
  (await broker.stats()).find((each) => each.channels.includes(channel))?.partitions;

describe('an embedded broker with a log', () => {
  it('shows where a group is in each partition of what it keeps', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const of = (partition: number) => keys.filter((key) => partitionOf(key, 2) === partition);
    broker.publish(
      keys.map((key) => eventOf(key)),
      () => undefined,
    );
    expect(await partitionsOf('shop.events')).toEqual(
      [0, 1].map((partition) => {
        const { length } = of(partition);
        return { partition, depth: length, offset: 0, end: length };
      }),
    );
    expect(await partitionsOf('shop.commands')).toMatchObject([
      { offset: null, end: null },
      { offset: null, end: null },
    ]);
    const shown = await broker.operations.browse('orders', 'shop.events', 10);
    expect(shown.map(({ body, offset }) => [body, offset])).toEqual(
      keys.map((key) => [key, of(partitionOf(key, 2)).indexOf(key)]),
    );
    const probe = new Probe(true);
    await broker.subscribe('orders', probe);
    await probe.received(5);
    expect(await partitionsOf('shop.events')).toMatchObject(
      [0, 1].map((partition) => ({ offset: of(partition).length, depth: 0 })),
    );
  });

  it('moves a group only in channels that it keeps, and only without consumers', async () => {
    const reason = 'embedded cannot move group orders: it keeps events and activity only';
    await expect(seek(['shop.events', 'shop.commands'])).rejects.toThrow(reason);
    const moving = seek();
    await broker.subscribe('orders', new Probe(true));
    await expect(moving).rejects.toThrow(GroupInUse);
    await expect(seek()).rejects.toThrow(GroupInUse);
    expect(log.places.of('orders', 'shop.events')).toBeNull();
  });
});
