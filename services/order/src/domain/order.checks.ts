import { type Address, firstUnprintable, type Line, onSeveralLines } from '@waybill/contracts';
import { OrderRefused } from './order.errors.ts';
import type { PaymentChoice } from './payment-choice.ts';
import { vatIdFrom } from './vat-id.ts';

const tokenForm = /^(tok|pm)_[A-Za-z0-9_]{1,100}$/;

/** The fields of an order that are checked. */
interface Wanted {
  readonly lines: readonly Line[];
  readonly shippingAddress: Address;
  readonly payment: PaymentChoice;
}

/** Refuses orders that can be refused without the catalogue. Throws `OrderRefused`. */
export function checkOrder({ lines, shippingAddress, payment }: Wanted): void {
  checkSkus(lines);
  if ('token' in payment && !tokenForm.test(payment.token)) {
    const detail = 'the payment token is none: tokens begin with tok_ or pm_';
    throw new OrderRefused('invalid_payment_token', detail, '/payment/token');
  }
  checkPrintable(shippingAddress);
}

/** The VAT id that a customer entered, in the form in which it is kept. Throws `OrderRefused`. */
export function checkedVatId(entered: string | null | undefined): string | null {
  if (entered == null) return null;
  const id = vatIdFrom(entered);
  if (id !== undefined) return id;
  const detail =
    'the VAT id is none of an EU member state: two letters for the country, and a number with a right checksum';
  throw new OrderRefused('invalid_vat_id', detail, '/vatId');
}

function checkSkus(lines: readonly Line[]): void {
  const seen = new Set<string>();
  lines.forEach(({ sku }, index) => {
    if (seen.has(sku)) {
      throw new OrderRefused('duplicate_sku', onSeveralLines(sku), `/lines/${index}/sku`);
    }
    seen.add(sku);
  });
}

/** Refuses an order whose label could not be printed, before it is paid. */
function checkPrintable(address: Address): void {
  for (const [field, value] of Object.entries(address)) {
    const character = firstUnprintable(value ?? '');
    if (character === undefined) continue;
    const detail =
      `a label cannot show ${nameOf(character)}: ` +
      'write the address in Latin, Greek or Cyrillic letters';
    throw new OrderRefused('unprintable_address', detail, `/shippingAddress/${field}`);
  }
}

/** The character, unless it is invisible, and its code point. */
function nameOf(character: string): string {
  const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `${character} (U+${number})` : `U+${number}`;
}
