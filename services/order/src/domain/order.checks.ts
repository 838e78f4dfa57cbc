import type { Line } from '@waybill/contracts';
import { OrderRefused } from './order.errors.ts';

const tokenForm = /^tok_[A-Za-z0-9_]{1,100}$/;

/** Refuses what needs no catalogue to be refused. Throws `OrderRefused`. */
export function checkOrder(lines: readonly Line[], paymentToken: string): void {
  const seen = new Set<string>();
  lines.forEach(({ sku }, index) => {
    if (seen.has(sku)) {
      const detail = `${sku} is on more than one line; put its quantity on one`;
      throw new OrderRefused('duplicate_sku', detail, `/lines/${index}/sku`);
    }
    seen.add(sku);
  });
  if (!tokenForm.test(paymentToken)) {
    const detail = 'the payment token is none: tokens begin with tok_';
    throw new OrderRefused('invalid_payment_token', detail, '/payment/token');
  }
}
