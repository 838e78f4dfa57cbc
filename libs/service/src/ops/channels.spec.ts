import { expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Group, oneBroker } from '@waybill/messaging';
import { ChannelCounts, createLog, Metrics, SparseWarnings } from '@waybill/observability';
import { channelsOf } from './channels.ts';

it('tells the kind of the messages of each channel, whatever else their group subscribes to', async () => {
  const bindings = ['inventory.replies', 'order.commands', 'order.replies'].map((channel) => ({
    channel,
    pattern: '#',
  }));
  const group: Group = { name: 'order', kind: 'reply', partitions: 1, bindings };
  const broker = embeddedBroker();
  await broker.declare([group]);
  const log = createLog({ service: 'order', level: 'silent' });
  const counts = new ChannelCounts(new Metrics('order'), new SparseWarnings(log));
  const reports = await channelsOf('order', [group], oneBroker(broker), counts);
  expect(reports.map(({ channel, kind }) => [channel, kind])).toEqual([
    ['inventory.replies', 'reply'],
    ['order.commands', 'command'],
    ['order.replies', 'reply'],
  ]);
  expect(reports.map(({ broker }) => broker)).toEqual(Array(3).fill('embedded'));
  await broker.close();
});
