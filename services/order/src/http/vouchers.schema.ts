import { givenInstant, maxAmount, money, positiveMoney } from '@waybill/contracts';
import { paging } from '@waybill/http';
import { z } from 'zod';
import type { Voucher, VoucherTerms } from '../domain/voucher.ts';

export const voucherCode = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{2,39}$/, 'is 3 to 40 capital letters, digits and hyphens');

const percent = z.int().min(1).max(100);
const limit = z.int().min(1).max(1_000_000_000);
const notNegative = money.refine(({ amount }) => amount >= 0, {
  path: ['amount'],
  error: `is 0 to ${maxAmount} minor units`,
});

/** The body of POST /vouchers. */
export const createVoucher = z
  .strictObject({
    code: voucherCode,
    percent: percent.nullish().meta({ description: 'Of the subtotal; either this or `amount`' }),
    amount: positiveMoney
      .nullish()
      .meta({ description: 'At most the subtotal; either this or `percent`' }),
    minimumSubtotal: notNegative.nullish(),
    validFrom: givenInstant.nullish(),
    validUntil: givenInstant.nullish().meta({ description: 'The first moment after its validity' }),
    maxUses: limit.nullish(),
    maxUsesPerCustomer: limit.nullish(),
  })
  .refine((voucher) => (voucher.percent == null) !== (voucher.amount == null), {
    path: ['percent'],
    error: 'is given, or amount is, and not both',
  })
  .refine(({ validFrom, validUntil }) => isAfter(validUntil, validFrom), {
    path: ['validUntil'],
    error: 'is after validFrom',
  })
  .refine(({ amount, minimumSubtotal }) => haveOneCurrency(amount, minimumSubtotal), {
    path: ['minimumSubtotal', 'currency'],
    error: 'is that of amount',
  })
  .meta({ id: 'CreateVoucher' });
export type CreateVoucherBody = z.output<typeof createVoucher>;

type Given<T> = T | null | undefined;

const isAfter = (until: Given<string>, from: Given<string>): boolean =>
  until == null || from == null || Date.parse(until) > Date.parse(from);

const haveOneCurrency = (...all: readonly Given<{ readonly currency: string }>[]): boolean =>
  new Set(all.flatMap((each) => each?.currency ?? [])).size <= 1;

const moment = (given: Given<string>): string | null =>
  given == null ? null : new Date(given).toISOString();

/** The terms of a new voucher; `currency` is that of a body without amounts. */
export const termsOf = (body: CreateVoucherBody, currency: string): VoucherTerms => ({
  code: body.code,
  percent: body.percent ?? null,
  amount: body.amount?.amount ?? null,
  currency: body.amount?.currency ?? body.minimumSubtotal?.currency ?? currency,
  minimumSubtotal: body.minimumSubtotal?.amount ?? 0,
  validFrom: moment(body.validFrom),
  validUntil: moment(body.validUntil),
  maxUses: body.maxUses ?? null,
  maxUsesPerCustomer: body.maxUsesPerCustomer ?? null,
});

export const listVouchersQuery = z.strictObject(paging);
export type ListVouchers = z.output<typeof listVouchersQuery>;

/** A voucher as shown to operators. */
export const voucherAnswer = z
  .strictObject({
    code: z.string(),
    percent: percent.nullable(),
    amount: money.nullable(),
    minimumSubtotal: money,
    validFrom: z.iso.datetime().nullable(),
    validUntil: z.iso.datetime().nullable(),
    maxUses: z.int().nullable(),
    maxUsesPerCustomer: z.int().nullable(),
    uses: z.int().meta({ description: 'Orders that hold it: neither rejected nor cancelled' }),
    disabledAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Voucher' });
export type VoucherView = z.output<typeof voucherAnswer>;

export const voucherPageAnswer = z
  .strictObject({ items: z.array(voucherAnswer), nextCursor: z.string().nullable() })
  .meta({ id: 'VoucherPage' });

export function voucherView({
  currency,
  amount,
  minimumSubtotal,
  ...voucher
}: Voucher): VoucherView {
  return {
    code: voucher.code,
    percent: voucher.percent,
    amount: amount === null ? null : { amount, currency },
    minimumSubtotal: { amount: minimumSubtotal, currency },
    validFrom: voucher.validFrom,
    validUntil: voucher.validUntil,
    maxUses: voucher.maxUses,
    maxUsesPerCustomer: voucher.maxUsesPerCustomer,
    uses: voucher.uses,
    disabledAt: voucher.disabledAt,
    createdAt: voucher.createdAt,
  };
}
