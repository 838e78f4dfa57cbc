import { homeCountry } from '@waybill/contracts';
import { timeSpan } from '@waybill/service';
import { z } from 'zod';
import { shopCalendar } from './domain/shop-calendar.ts';
import { vatIdFrom } from './domain/vat-id.ts';

const line = z.string().min(1).max(60);

const isTimeZone = (name: string): boolean => {
  try {
    shopCalendar(name);
    return true;
  } catch {
    return false;
  }
};

/** The settings of the order service. */
export const orderConfig = z
  .object({
    /** The currency of the shop. */
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 currency code of three capital letters')
      .default('EUR'),
    /** The reply timeout: how long after the broker's confirm a missing reply counts as timed out. */
    SAGA_NET: timeSpan.prefault('15m'),
    /** Where the day and the year of invoices begin. */
    SHOP_TIME_ZONE: z
      .string()
      .refine(isTimeZone, 'is a time zone such as Europe/Berlin')
      .default('Europe/Berlin'),
    /** The name of the seller on invoices. */
    SELLER_NAME: line.default('Waybill Trading'),
    /** Street and number of the seller. */
    SELLER_LINE: line.default('Hafenstrasse 12'),
    /** Postal code and city of the seller. */
    SELLER_CITY: line.default('20457 Hamburg'),
    /** The VAT id of the seller. */
    SELLER_VAT_ID: z
      .string()
      .refine((id) => vatIdFrom(id) === id, 'is a VAT id such as DE136695976')
      .default('DE136695976'),
    /** New orders are refused while more than this number are not settled. */
    MAX_OPEN_ORDERS: z.coerce.number().int().min(1).max(10_000_000).default(100_000),
    /** How often waiting exports are looked for. */
    JOBS_EVERY: timeSpan.prefault('1s'),
    /** How long exported files are kept. */
    EXPORT_RETENTION: timeSpan.prefault('7d'),
  })
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    sagaNetMs: env.SAGA_NET,
    maxOpenOrders: env.MAX_OPEN_ORDERS,
    jobsEvery: env.JOBS_EVERY,
    exportRetention: env.EXPORT_RETENTION,
    timeZone: env.SHOP_TIME_ZONE,
    seller: {
      name: env.SELLER_NAME,
      line: env.SELLER_LINE,
      city: env.SELLER_CITY,
      country: homeCountry,
      vatId: env.SELLER_VAT_ID,
    },
  }));
export type OrderConfig = z.output<typeof orderConfig>;
