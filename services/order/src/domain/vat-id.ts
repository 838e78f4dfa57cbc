import { homeCountry } from '@waybill/contracts';
import { isInTheUnion } from './countries.ts';
import { isVatNumber } from './vat-number.ts';

/**
 * The VAT id that someone entered, without blanks and punctuation; undefined unless it has the form and the checksum of an EU
 * member state. Whether it is registered is not checked.
 */
export function vatIdFrom(entered: string): string | undefined {
  const id = entered.replace(/[\s.\-/]/g, '').toUpperCase();
  return isVatNumber(id.slice(0, 2), id.slice(2)) ? id : undefined;
}

/**
 * Whether the customer owes the tax instead of the shop: goods go to another member state, for a business that is registered in
 * another one. Goods that stay in the country of the shop, or leave the EU, are taxed as for everybody.
 */
export function isReverseCharged(destination: string, vatId: string | null): boolean {
  if (vatId === null || destination === homeCountry || !isInTheUnion(destination)) return false;
  return countryOf(vatId) !== homeCountry;
}

/** Greek ids begin with EL. */
const countryOf = (vatId: string): string => vatId.slice(0, 2).replace('EL', 'GR');
