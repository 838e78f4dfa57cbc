import { describe, expect, it } from '@jest/globals';
import { type Envelope, event, live, newId, wrap } from '@waybill/message';
import { z } from 'zod';
import { EnvelopeWrapper } from './envelope-wrapper.ts';

const about = {
  key: (data: { id: string }) => data.id,
  summary: 'for tests',
  schema: z.strictObject({ id: z.string() }),
};
const Told = event('shop.told', about);
const Seen = live('shop.seen', about);
const Large = event('shop.large', { ...about, key: () => 'k' });
const now = new Date('2026-01-01T12:00:00.000Z');
const own = { id: newId(), correlationId: newId(), traceparent: null };
const cause: Envelope = wrap(Told({ id: 'a' }), { cause: own, source: 'order', now, name: '0' });
const wrapper = new EnvelopeWrapper({
  service: 'shop',
  relay: {
    route: ({ key }) => ({
      broker: 'bench',
      outboxPartition: key.length,
      own: true,
      ...(key === 'k' ? { largest: 100_000 } : {}),
    }),
  },
});
const from = { cause, group: 'shop', now, sequence: 7 };
const two = [Told({ id: 'a' }), Told({ id: 'a' })];
const idsOf = (more: Partial<typeof from> = {}) =>
  wrapper.wrap(two, { ...from, ...more }).map(({ envelope }) => envelope.id);

describe('the messages of a decision', () => {
  it('have the same ids when they are wrapped again, and ids of their own among themselves', () => {
    expect(idsOf()).toEqual(idsOf());
    expect(new Set([...idsOf(), ...idsOf({ group: 'audit' })]).size).toBe(4);
  });

  it('carry the version of their sender, and go by the outbox partition of their route', () => {
    const [told] = wrapper.wrap([Told({ id: 'abc' })], from);
    expect(told?.envelope).toMatchObject({ sequence: 7, source: 'shop', causationId: cause.id });
    expect(told?.row).toMatchObject({
      outboxPartition: 3,
      channel: 'shop.events',
      key: 'abc',
      dueAt: null,
    });
  });

  it('fall due as long after their cause as they say', () => {
    const [told] = wrapper.wrap([Told({ id: 'a' }, { after: 30_000 })], from);
    expect(told?.row?.dueAt).toBe('2026-01-01T12:00:30.000Z');
  });

  it('are not stored when they are live', () => {
    const [seen] = wrapper.wrap([Seen({ id: 'a' })], from);
    expect([seen?.row, seen?.envelope.type]).toEqual([null, 'shop.seen']);
  });

  it('may have 1 MiB, counted in bytes, or less where their broker takes less', () => {
    const wrapped =
      (text: string, make = Told) =>
      () =>
        wrapper.wrap([make({ id: text })], from);
    const Keyless = event('shop.large', { ...about, key: () => 'any' });
    expect(wrapped('ü'.repeat(520_000), Keyless)).not.toThrow();
    expect(wrapped('ü'.repeat(530_000), Keyless)).toThrow('larger than 1048576 bytes');
    expect(wrapped('x'.repeat(99_000), Large)).not.toThrow();
    expect(wrapped('ü'.repeat(99_000), Large)).toThrow(
      expect.objectContaining({ code: 'message_too_large', retriable: false }),
    );
  });
});
