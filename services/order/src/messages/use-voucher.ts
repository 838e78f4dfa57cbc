import type { Change, DecideContext } from '@waybill/messaging';
import { holderId, redeem } from '../domain/voucher.ts';
import { voucherHolders, vouchers } from '../storage/voucher.entities.ts';
import type { AcceptOrderData } from './order.local.ts';

/** The use of a voucher by an order that is being accepted. */
export interface VoucherUse {
  /** Throws `OrderRefused`, if the voucher cannot be used. */
  discountOn(subtotal: number): number;
  /** Counts the use; `GiveVoucherBack` takes it back when the order comes to nothing. */
  readonly changes: readonly Change[];
}

/** The states that the use of a voucher reads and changes. */
export const voucherStates = ({ voucherCode: code, customer }: AcceptOrderData) =>
  code === null ? [] : [vouchers.at(code), voucherHolders.at(holderId(code, customer.id))];

/** Undefined for an order without a voucher. */
export function voucherUse(
  { voucherCode: code, customer }: AcceptOrderData,
  { read, now }: DecideContext<undefined>,
): VoucherUse | undefined {
  if (code === null) return undefined;
  const voucher = read(vouchers.at(code));
  const id = holderId(code, customer.id);
  const holder = read(voucherHolders.at(id)) ?? { id, code, customerId: customer.id, uses: 0 };
  return {
    discountOn: (subtotal) => redeem(voucher, { code, subtotal, usesOfCustomer: holder.uses, now }),
    changes: voucher ? [vouchers.put(used(voucher)), voucherHolders.put(used(holder))] : [],
  };
}

const used = <T extends { readonly uses: number }>(each: T): T => ({
  ...each,
  uses: each.uses + 1,
});
