import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { CLOCK } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { CONFIG } from '@waybill/service';
import { analyticsConfig } from '../analytics.config.ts';
import { type Period, SummaryRepository } from '../storage/summary.repository.ts';
import { AnalyticsController } from './analytics.controller.ts';

let edge: EdgeApp;
let asked: Period | undefined;

const nothing = { placed: 0, confirmed: 0, rejected: 0, cancelled: 0, revenue: 0 };
const summaries = {
  read: async (period: Period) => {
    asked = period;
    return {
      minutes: [
        { ...nothing, minute: '2026-01-01T00:00:00.000Z', placed: 3, confirmed: 2, revenue: 2_999 },
        { ...nothing, minute: '2026-01-01T00:01:00.000Z', placed: 1, rejected: 1 },
      ],
      regions: [{ region: 'europe', shippingMethod: 'express', orders: 2, revenue: 2_999 }],
    };
  },
};

beforeAll(async () => {
  edge = await edgeApp([AnalyticsController], {
    providers: [
      { provide: SummaryRepository, useValue: summaries },
      { provide: CLOCK, useValue: new HandClock(Date.parse('2026-01-01T12:00:00Z')) },
      { provide: CONFIG, useValue: analyticsConfig.parse({}) },
    ],
  });
});
afterAll(() => edge?.app.close());

async function summary(query = '', token: string | null = 'operator') {
  const response = await edge.fastify.inject({
    url: `/api/v1/analytics/summary${query}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  return { status: response.statusCode, json: response.json() };
}

describe('the summary', () => {
  it('tells counts, revenue and average of the last hour, in total and by the minute', async () => {
    const { status, json } = await summary();
    const euros = (amount: number) => ({ amount, currency: 'EUR' });

    expect(status).toBe(200);
    expect(json).toMatchObject({
      from: '2026-01-01T11:00:00.000Z',
      to: '2026-01-01T12:00:00.000Z',
      placed: 4,
      confirmed: 2,
      rejected: 1,
      cancelled: 0,
      revenue: euros(2_999),
      averageOrderValue: euros(1_500),
      regions: [{ region: 'europe', orders: 2, revenue: euros(2_999) }],
    });
    expect(json.minutes).toHaveLength(2);
    expect(json.minutes[1]).toEqual({
      minute: '2026-01-01T00:01:00.000Z',
      placed: 1,
      confirmed: 0,
      rejected: 1,
      cancelled: 0,
      revenue: euros(0),
    });
  });

  it('is of the period that was asked for', async () => {
    await summary('?from=2025-12-31T00:00:00Z&to=2026-01-01T00:00:00Z');

    expect(asked).toEqual({
      from: new Date('2025-12-31T00:00:00Z'),
      to: new Date('2026-01-01T00:00:00Z'),
      currency: 'EUR',
    });
  });

  it.each([
    '?from=yesterday',
    '?from=2026-01-01',
    '?from=2026-01-01T00:00:00%2B01:00',
    '?from=2026-13-01T00:00:00Z',
    '?to=1767225600',
    '?from=2026-01-01T12:00:00Z&to=2026-01-01T12:00:00Z',
    '?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
    '?from=2025-12-25T11:59:59Z',
    '?window=1m',
    '?from=2026-01-01T00:00:00Z&from=2026-01-01T01:00:00Z',
  ])('refuses the query %s', async (query) => {
    const { status, json } = await summary(query);
    expect([status, json.code]).toEqual([400, 'invalid_request']);
  });

  it('is for operators alone', async () => {
    expect((await summary('', 'ada')).status).toBe(403);
    expect((await summary('', null)).status).toBe(401);
  });
});
