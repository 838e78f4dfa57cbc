import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId, OrderAnnounced } from '@waybill/contracts';
import { ConsumerBench } from '@waybill/messaging/testing';
import type { Job } from '@waybill/work-queue';
import { type AlertChannel, AlertChannels, type AlertNote } from '../clients/alert-channels.ts';
import { CustomsNotes } from './customs-notes.ts';

class SentNotes extends AlertChannels {
  channels: readonly AlertChannel[] = ['log', 'email'];
  readonly notes: unknown[] = [];

  override configured(): readonly AlertChannel[] {
    return this.channels;
  }
  override async send(channel: AlertChannel, note: AlertNote): Promise<void> {
    this.notes.push({ channel, ...note });
  }
}

const settings = { alerts: {} as never, smtpUrl: null };
const log = { error: () => undefined, info: () => undefined };
const announced = OrderAnnounced(
  {
    orderId: newId(),
    number: 'W-1001',
    status: 'confirmed',
    reason: null,
    customer: { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
    lines: [{ sku: 'MUG', quantity: 90 }],
    total: { amount: 123_400, currency: 'EUR' },
    shippingMethod: 'standard',
    country: 'US',
    at: '2026-01-01T00:00:00.000Z',
  },
  { headers: { 'order-value': 'high' } },
);

describe('orders of high value that leave Europe', () => {
  let channels: SentNotes;
  let notes: CustomsNotes;
  let bench: ConsumerBench;

  beforeEach(async () => {
    channels = new SentNotes({} as never, settings, log);
    notes = new CustomsNotes(channels);
    bench = await new ConsumerBench([notes.announced()], { service: 'notification' }).start();
  });

  const jobs = () => bench.store.entries.map(({ row }) => row as unknown as Job<never>);

  it('are selected by the broker, by their status, region and value', () => {
    const { filter = {} } = notes.announced().options;
    const attributes: Record<string, string> = {
      ...announced.contract.attributes(announced.data),
      ...announced.options.headers,
    };
    const isSelected = (other: Record<string, string> = {}) =>
      Object.entries(filter).every(([name, values]) =>
        values.includes({ ...attributes, ...other }[name] ?? ''),
      );
    expect(isSelected()).toBe(true);
    expect(isSelected({ status: 'shipped' })).toBe(false);
    expect(isSelected({ region: 'europe' })).toBe(false);
    expect(isSelected({ 'order-value': 'normal' })).toBe(false);
  });

  it('are noted once for each channel, without the customer', async () => {
    const id = newId();
    bench.deliver(announced, { group: 'notification.customs', id });
    bench.deliver(announced, { group: 'notification.customs', id });
    await bench.quiet();
    for (const job of jobs()) await notes.send(job);

    const lines = [expect.stringContaining('€1,234.00'), expect.stringContaining('customs')];
    const note = {
      severity: 'info',
      subject: '[info] Order W-1001 of high value goes to US',
      lines,
    };
    expect(channels.notes).toEqual([
      { channel: 'log', id: jobs()[0]?.id, ...note },
      { channel: 'email', id: jobs()[1]?.id, ...note },
    ]);
    expect(JSON.stringify(jobs())).not.toContain('Ada');
    expect(bench.store.states.size).toBe(0);
  });

  it('are not sent through a channel that has been removed since', async () => {
    bench.deliver(announced, { group: 'notification.customs' });
    await bench.quiet();
    channels.channels = ['log'];
    for (const job of jobs()) await notes.send(job);

    expect(channels.notes).toMatchObject([{ channel: 'log' }]);
  });
});
