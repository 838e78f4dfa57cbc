import { describe, expect, it } from '@jest/globals';
import {
  type Attempt,
  afterAttempt,
  endpointAfter,
  msOf,
  type WebhookDelivery,
} from './webhook-delivery.ts';

const start = new Date('2026-11-29T10:00:00.000Z');
const hour = 3_600_000;
const day = 24 * hour;

const pending: WebhookDelivery = {
  id: 'd1',
  webhookId: 'w1',
  messageId: 'm1',
  type: 'order.confirmed',
  body: '{}',
  status: 'pending',
  failures: 0,
  dueAt: start.toISOString(),
  attempts: [],
  at: start.toISOString(),
};
const attempt = (status: number | null): Attempt => ({
  at: start.toISOString(),
  durationMs: 1,
  status,
  failure: status === null ? 'timed_out' : null,
  bytes: 0,
});
const well = { failures: 0, failingSince: null, pausedUntil: null, disabledReason: null };
const later = (ms: number) => new Date(start.getTime() + ms);
const tried = (status: number | null, retryAfter = 0) => ({
  delivery: pending,
  attempt: attempt(status),
  retryAfter,
});

describe('a delivery', () => {
  it.each([0, 1])('is tried ten times over three days and more (jitter %d)', (random) => {
    let delivery = pending;
    let now = start;
    let tries = 0;
    while (delivery.status === 'pending') {
      tries += 1;
      delivery = afterAttempt(delivery, tried(tries % 2 ? 500 : null), { now, random });
      if (delivery.status === 'pending') now = new Date(delivery.dueAt);
    }
    expect([tries, delivery.status, delivery.attempts.length]).toEqual([10, 'failed', 10]);
    const took = now.getTime() - start.getTime();
    expect(took).toBeGreaterThan(3 * day);
    expect(took).toBeLessThan(4 * day);
  });

  it.each([200, 204, 299])('is delivered by %d', (status) => {
    const context = { now: start, random: 0 };
    expect(afterAttempt(pending, tried(status), context)).toMatchObject({ status: 'delivered' });
  });

  it.each([199, 301, 302, 400, 401, 404, 429, 500, 503])('is tried again after %d', (status) => {
    const next = afterAttempt(pending, tried(status), { now: start, random: 0 });
    expect(next).toMatchObject({
      status: 'pending',
      failures: 1,
      dueAt: later(5_000).toISOString(),
    });
  });

  it('waits as long as the receiver wants, for a day at most', () => {
    const dueAfter = (retryAfter: number) =>
      afterAttempt(pending, tried(429, retryAfter), { now: start, random: 0 }).dueAt;
    expect(dueAfter(hour)).toBe(later(hour).toISOString());
    expect(dueAfter(365 * day)).toBe(later(day).toISOString());
    expect(dueAfter(1)).toBe(later(5_000).toISOString());
  });

  it('keeps its latest thirty attempts', () => {
    let delivery = pending;
    for (let count = 0; count < 50; count += 1)
      delivery = afterAttempt({ ...delivery, failures: 0 }, tried(500), { now: start, random: 0 });
    expect(delivery.attempts).toHaveLength(30);
  });
});

describe('an endpoint', () => {
  const context = { now: start, disableAfter: 5 * day };

  it('is called less and less while it fails, and as before once it is well', () => {
    let endpoint: Parameters<typeof endpointAfter>[0] = well;
    const pauses: number[] = [];
    for (let count = 0; count < 9; count += 1) {
      endpoint = endpointAfter(endpoint, [tried(500)], context);
      pauses.push((Date.parse(endpoint.pausedUntil ?? '') - start.getTime()) / 1_000);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
    expect(endpointAfter(endpoint, [tried(500), tried(200)], context)).toEqual(well);
  });

  it('that is gone is disabled at once', () => {
    const after = endpointAfter(well, [tried(200), tried(410)], context);
    expect(after.disabledReason).toBe('gone');
  });

  it('that has failed for days is disabled', () => {
    const failing = endpointAfter(well, [tried(null)], context);
    expect(failing).toMatchObject({ failingSince: start.toISOString(), disabledReason: null });
    const at = (now: Date) => endpointAfter(failing, [tried(null)], { ...context, now });
    expect(at(later(5 * day - 1)).disabledReason).toBeNull();
    expect(at(later(5 * day))).toMatchObject({ disabledReason: 'failing', failures: 2 });
  });

  it('that its owner disabled meanwhile stays so', () => {
    const disabled = { ...well, disabledReason: 'owner' as const };
    for (const status of [200, 410, 500])
      expect(endpointAfter(disabled, [tried(status)], context).disabledReason).toBe('owner');
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Sun, 29 Nov 2026 10:01:00 GMT', 60_000],
    ['Sun, 29 Nov 2026 09:00:00 GMT', 0],
    ['-5', 0],
    ['soon', 0],
    ['9'.repeat(300), 0],
    [null, 0],
  ])('%s is %d ms', (text, ms) => {
    expect(msOf(text, start)).toBe(ms);
  });
});
