import { beforeEach, describe, expect, it } from '@jest/globals';
import { GiveVoucherBack, newId } from '@waybill/contracts';
import { holderId, type Voucher } from '../domain/voucher.ts';
import { voucherHolders, vouchers } from '../storage/voucher.entities.ts';
import { OrderBench } from '../testing/order.bench.ts';
import { anOrder, laptop, repliesTo, voucherTerms } from '../testing/order.fixtures.ts';
import type { Accepted, AcceptOrderData } from './order.local.ts';
import { CreateVoucher, DisableVoucher } from './voucher.local.ts';

let bench: OrderBench;
const create = (terms = {}) =>
  bench.submitted<Voucher>(CreateVoucher({ ...voucherTerms, ...terms }));
const order = (change: Partial<AcceptOrderData> = {}) =>
  anOrder({ found: [laptop], voucherCode: 'SUMMER', ...change });
const usesOf = (customerId = 'ada') => [
  bench.state(vouchers, 'SUMMER')?.uses,
  bench.state(voucherHolders, holderId('SUMMER', customerId))?.uses,
];
const bodyOf = (accepted: Accepted) =>
  JSON.parse('accepted' in accepted ? accepted.accepted.body : '{}');

beforeEach(async () => {
  bench = await new OrderBench().start();
});

describe('a voucher', () => {
  it('is created once, in the currency of the shop, and disabled once', async () => {
    const created = await create();
    expect(created).toMatchObject({ ...voucherTerms, uses: 0, disabledAt: null });
    await expect(create()).rejects.toMatchObject({ code: 'voucher_exists' });
    await expect(create({ code: 'OTHER', currency: 'USD' })).rejects.toMatchObject({
      code: 'wrong_currency',
      path: '/minimumSubtotal/currency',
    });

    const disable = () => bench.submitted<Voucher>(DisableVoucher({ code: 'SUMMER' }));
    const disabled = await disable();
    await bench.pass(1_000);
    expect(disabled.disabledAt).not.toBeNull();
    expect(await disable()).toEqual(disabled);
    await expect(bench.accept(order())).rejects.toMatchObject({ code: 'voucher_disabled' });
    await expect(bench.submitted(DisableVoucher({ code: 'NONE' }))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('an order with a voucher', () => {
  it('is discounted before tax, and counted, in the commit that accepts it', async () => {
    await create({ percent: 33 });
    const wanted = order();
    const before = bench.store.commits;
    const accepted = await bench.accept(wanted);

    expect(bench.store.commits).toBe(before + 1);
    expect(bodyOf(accepted)).toMatchObject({
      voucherCode: 'SUMMER',
      subtotal: { amount: 99_900 },
      discount: { amount: 32_967 },
      shippingCost: { amount: 690 },
      taxes: [{ class: 'standard', net: { amount: 67_623 }, tax: { amount: 12_848 } }],
      total: { amount: 80_471 },
    });
    expect(bench.order(wanted.orderId)?.content).toMatchObject({
      lines: [{ total: 99_900, discount: 32_967 }],
      voucher: { code: 'SUMMER', discount: 32_967 },
    });
    expect(usesOf()).toEqual([1, 1]);
  });

  it('uses nothing when it is refused, or answered again', async () => {
    await create();
    const idempotency = { id: 'a'.repeat(64), bodyHash: 'b'.repeat(64) };
    await expect(bench.accept(order({ voucherCode: 'NONE' }))).rejects.toMatchObject({
      code: 'unknown_voucher',
      path: '/voucherCode',
    });
    expect(await bench.accept(order({ found: [] }))).toEqual({ missing: ['LAPTOP-13'] });
    expect(usesOf()).toEqual([0, undefined]);
    for (let i = 0; i < 2; i += 1) await bench.accept(order({ idempotency }));
    expect(usesOf()).toEqual([1, 1]);
  });

  it('is one of as many as the voucher and its customer may have, however many come at once', async () => {
    await create({ maxUses: 50, maxUsesPerCustomer: 30 });
    const all = Array.from({ length: 200 }, (_, i) => {
      const id = i % 2 ? 'ada' : 'grace';
      return bench.accept(order({ customer: { id, name: id, email: `${id}@example.com` } }));
    });
    const settled = await Promise.allSettled(all);

    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    const codes = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['voucher_used_up']));
    expect(usesOf()[0]).toBe(50);
    expect((usesOf('ada')[1] ?? 0) + (usesOf('grace')[1] ?? 0)).toBe(50);
  });

  it('gives its use back once when it is rejected', async () => {
    await create({ maxUses: 1 });
    const wanted = order();
    await bench.accept(wanted);
    bench.published();
    await bench.receives(repliesTo(wanted.orderId).outOfStock);

    expect(bench.published()).toContain('order.give-voucher-back');
    const { orderId, customer } = wanted;
    const give = GiveVoucherBack({ orderId, code: 'SUMMER', customerId: customer.id });
    const id = newId(bench.clock.now());
    for (let i = 0; i < 2; i += 1) {
      bench.deliver(give, { group: 'order', id });
      await bench.quiet();
    }
    expect(usesOf()).toEqual([0, 0]);
    expect(await bench.accept(order())).toMatchObject({ replayed: false });
  });
});
