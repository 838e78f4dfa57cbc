import { OrderRefused } from './order.errors.ts';
import { shareOf } from './tax.ts';

/** What an operator decides about a voucher, for good. Amounts are in minor units of `currency`. */
export interface VoucherTerms {
  readonly code: string;
  /** Either a share of the subtotal or an amount; the other one is null. */
  readonly percent: number | null;
  readonly amount: number | null;
  readonly currency: string;
  readonly minimumSubtotal: number;
  /** It is valid from the first moment until just before the second one; null: without a limit. */
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly maxUses: number | null;
  readonly maxUsesPerCustomer: number | null;
}

export interface Voucher extends VoucherTerms {
  /** The number of orders that hold it: accepted with it, and neither rejected nor cancelled. */
  readonly uses: number;
  readonly disabledAt: string | null;
  readonly createdAt: string;
}

/** How many orders of one customer hold a voucher. */
export interface VoucherHolder {
  readonly id: string;
  readonly code: string;
  readonly customerId: string;
  readonly uses: number;
}

/** Codes are entered by people, who write them in any case. */
export const voucherCodeOf = (entered: string): string => entered.trim().toUpperCase();

export const holderId = (code: string, customerId: string): string => `${code}/${customerId}`;

/** An order that wants to use a voucher. */
export interface Redemption {
  readonly code: string;
  readonly subtotal: number;
  /** How many orders of the customer hold the voucher already. */
  readonly usesOfCustomer: number;
  readonly now: Date;
}

/** The discount of a voucher on a subtotal: a share is rounded half to even, an amount is at most the subtotal. Throws `OrderRefused`. */
export function redeem(voucher: Voucher | undefined, order: Redemption): number {
  if (!voucher) throw refused('unknown_voucher', `there is no voucher ${order.code}`);
  const { percent, amount, code } = voucher;
  checkTime(voucher, order.now);
  if (order.subtotal < voucher.minimumSubtotal) {
    const detail = `voucher ${code} needs a subtotal of at least ${voucher.minimumSubtotal} minor units`;
    throw refused('voucher_below_minimum', detail);
  }
  checkUses(voucher, order.usesOfCustomer);
  return percent === null
    ? Math.min(amount ?? 0, order.subtotal)
    : shareOf(order.subtotal, percent, 100);
}

function checkTime({ code, disabledAt, validFrom, validUntil }: Voucher, now: Date): void {
  if (disabledAt !== null) throw refused('voucher_disabled', `voucher ${code} is disabled`);
  if (validFrom !== null && now.getTime() < Date.parse(validFrom)) {
    throw refused('voucher_not_yet_valid', `voucher ${code} is valid from ${validFrom}`);
  }
  if (validUntil !== null && now.getTime() >= Date.parse(validUntil)) {
    throw refused('voucher_expired', `voucher ${code} was valid until ${validUntil}`);
  }
}

function checkUses({ code, uses, maxUses, maxUsesPerCustomer: each }: Voucher, own: number): void {
  if (maxUses !== null && uses >= maxUses) {
    throw refused(
      'voucher_used_up',
      `voucher ${code} was used ${maxUses} times, as often as it may be`,
    );
  }
  if (each !== null && own >= each) {
    const detail = `voucher ${code} was used ${each} times by this customer, as often as it may be`;
    throw refused('voucher_customer_limit', detail);
  }
}

type Code = Extract<OrderRefused['code'], `voucher_${string}` | 'unknown_voucher'>;
const refused = (code: Code, detail: string): OrderRefused =>
  new OrderRefused(code, detail, '/voucherCode');
