import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/contracts';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { type SubmitOptions, Submitter } from '@waybill/messaging';
import { CONFIG, declarationOf } from '@waybill/service';
import { VoucherRefused } from '../messages/voucher.errors.ts';
import { orderConfig } from '../order.config.ts';
import { OrderModule } from '../order.module.ts';
import { VoucherRepository } from '../storage/voucher.repository.ts';
import { aVoucher, voucherTerms } from '../testing/order.fixtures.ts';
import { VouchersController } from './vouchers.controller.ts';

const voucher = aVoucher({ maxUses: 7 });
const submitted: Message[] = [];
const inherited: unknown[] = [];
let answer: () => unknown = () => voucher;
let edge: EdgeApp;

class Submissions extends Submitter {
  async submit<A>(message: Message, options?: SubmitOptions): Promise<A> {
    submitted.push(message);
    inherited.push(options);
    return answer() as A;
  }
}
const all = Array.from({ length: 7 }, (_, i) => aVoucher({ code: `CODE-${i}` }));
const repository = {
  find: async (code: string) => (code === 'SUMMER' ? voucher : undefined),
  list: async (limit: number, after?: string) =>
    all.filter(({ code }) => after === undefined || code > after).slice(0, limit),
};

beforeAll(async () => {
  edge = await edgeApp([VouchersController], {
    providers: [
      { provide: Submitter, useClass: Submissions },
      { provide: VoucherRepository, useValue: repository },
      { provide: CONFIG, useValue: orderConfig.parse({}) },
    ],
    problems: declarationOf(OrderModule).problems ?? {},
  });
});
afterAll(() => edge?.app.close());
beforeEach(() => {
  submitted.length = 0;
  inherited.length = 0;
  answer = () => voucher;
});

const call = (method: 'GET' | 'POST', path = '', payload?: object, token = 'operator') =>
  edge.fastify.inject({
    method,
    url: `/api/v1/vouchers${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(payload ? { payload } : {}),
  });
const euros = (amount: number) => ({ amount, currency: 'EUR' });

describe('vouchers', () => {
  it('are created by the message of the request, with what is not said left open', async () => {
    const created = await call('POST', '', { code: 'SUMMER', percent: 10 });

    expect(created.statusCode).toBe(201);
    expect(created.headers['location']).toBe('/api/v1/vouchers/SUMMER');
    expect(created.json()).toMatchObject({ code: 'SUMMER', percent: 10, amount: null, maxUses: 7 });
    expect(submitted.map(({ data }) => data)).toEqual([voucherTerms]);
    expect(inherited).toMatchObject([{ correlationId: created.headers['x-request-id'] }]);
  });

  it('have moments in one form, and one currency', async () => {
    await call('POST', '', {
      code: 'SUMMER',
      amount: euros(500),
      minimumSubtotal: euros(2_000),
      validFrom: '2026-06-01T00:00:00Z',
      validUntil: null,
    });

    expect(submitted[0]?.data).toMatchObject({
      percent: null,
      amount: 500,
      currency: 'EUR',
      minimumSubtotal: 2_000,
      validFrom: '2026-06-01T00:00:00.000Z',
      validUntil: null,
    });
  });

  it.each([
    ['/percent', {}],
    ['/percent', { percent: 10, amount: euros(5) }],
    ['/percent', { percent: 101 }],
    ['/amount/amount', { amount: euros(0) }],
    ['/minimumSubtotal/amount', { percent: 1, minimumSubtotal: euros(-1) }],
    [
      '/minimumSubtotal/currency',
      { amount: euros(1), minimumSubtotal: { amount: 1, currency: 'USD' } },
    ],
    [
      '/validUntil',
      { percent: 1, validFrom: '2026-01-02T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' },
    ],
    ['/validFrom', { percent: 1, validFrom: '2026-01-02' }],
    ['/maxUses', { percent: 1, maxUses: 0 }],
    ['/code', { percent: 1, code: 'ab' }],
    ['/code', { percent: 1, code: 'SUMMER 26' }],
    ['/uses', { percent: 1, uses: 5 }],
  ])('name %s when it is wrong', async (path, terms) => {
    const refused = await call('POST', '', { code: 'SUMMER', ...terms });

    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors.map((error: { path: string }) => error.path)).toContain(path);
    expect(submitted).toEqual([]);
  });

  it.each([
    ['voucher_exists', 409],
    ['wrong_currency', 422],
  ] as const)('are refused as %s with %i', async (code, status) => {
    answer = () => {
      throw new VoucherRefused(code, 'no');
    };
    const refused = await call('POST', '', { code: 'SUMMER', percent: 10 });
    expect([refused.statusCode, refused.json().code]).toEqual([status, code]);
  });

  it('are listed page by page, and read one by one', async () => {
    const first = (await call('GET', '?limit=5')).json();
    const rest = (await call('GET', `?limit=5&cursor=${first.nextCursor}`)).json();
    const codes = [...first.items, ...rest.items].map(({ code }: { code: string }) => code);

    expect(codes).toEqual(all.map(({ code }) => code));
    expect(rest.nextCursor).toBeNull();
    expect((await call('GET', '/SUMMER')).json()).toMatchObject({ minimumSubtotal: euros(0) });
    expect((await call('GET', '/WINTER')).json()).toMatchObject({ status: 404, code: 'not_found' });
    expect((await call('GET', '/summer')).statusCode).toBe(400);
  });

  it('are disabled by their code', async () => {
    answer = () => aVoucher({ disabledAt: '2026-06-01T00:00:00.000Z' });
    const disabled = await call('POST', '/SUMMER/disable');

    expect([disabled.statusCode, disabled.json().disabledAt]).toEqual([
      200,
      '2026-06-01T00:00:00.000Z',
    ]);
    expect(submitted.map(({ data }) => data)).toEqual([{ code: 'SUMMER' }]);
  });

  it('are for operators', async () => {
    const tries = [
      call('POST', '', { code: 'SUMMER', percent: 10 }, 'ada'),
      call('GET', '', undefined, 'ada'),
      call('GET', '/SUMMER', undefined, 'ada'),
      call('POST', '/SUMMER/disable', undefined, 'ada'),
    ];
    const statuses = (await Promise.all(tries)).map(({ statusCode }) => statusCode);
    expect(statuses).toEqual([403, 403, 403, 403]);
    expect(submitted).toEqual([]);
  });
});
