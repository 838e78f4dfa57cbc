import { expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Broker, type Group, oneBroker } from '@waybill/messaging';
import { ChannelCounts, createLog, Metrics, SparseWarnings } from '@waybill/observability';
import { type ChannelReport, channelsOf } from './channels.ts';

const channels = ['inventory.replies', 'order.commands', 'order.replies'];
const bindings = channels.map((channel) => ({ channel, pattern: '#' }));
const group: Group = { name: 'order', kind: 'reply', partitions: 1, bindings };

async function reportsOf(broker: Broker): Promise<readonly ChannelReport[]> {
  await broker.declare([group]);
  const log = createLog({ service: 'order', level: 'silent' });
  const counts = new ChannelCounts(new Metrics('order'), new SparseWarnings(log));
  return channelsOf('order', [group], oneBroker(broker), counts);
}

it('tells the kind of the messages of each channel, whatever else their group subscribes to', async () => {
  const broker = embeddedBroker();
  const reports = await reportsOf(broker);
  expect(reports.map(({ channel, kind }) => [channel, kind])).toEqual([
    ['inventory.replies', 'reply'],
    ['order.commands', 'command'],
    ['order.replies', 'reply'],
  ]);
  expect(reports.map(({ broker }) => broker)).toEqual(Array(3).fill('embedded'));
  await broker.close();
});

it('tells the depth and the consumers of a group with one queue for each channel that comes through it', async () => {
  const counts = { depth: 5, inFlight: 2, oldestMs: 40, published: 7, delivered: 2, acked: 0 };
  const stats = async () => [{ group: 'order', channels, ...counts, consumers: 3 }];
  const broker = Object.assign(embeddedBroker(), { stats });
  const reports = await reportsOf(broker);
  expect(reports.map(({ channel, depth, consumers }) => [channel, depth, consumers])).toEqual(
    channels.map((channel) => [channel, 5, 3]),
  );
  await broker.close();
});
