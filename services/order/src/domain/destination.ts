import type { Address } from '@waybill/contracts';
import type { OrderContent } from './order.events.ts';

/** The country that an order goes to. */
export const countryOf = ({
  country,
  shippingAddress,
}: Pick<OrderContent, 'country' | 'shippingAddress'>): string =>
  country ?? (shippingAddress as Address).country;
