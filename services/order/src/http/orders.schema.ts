import {
  enteredAddress,
  enteredLine,
  enteredText,
  line,
  positiveMoney,
  shippingMethod,
  text,
} from '@waybill/contracts';
import { paging, revealing, wholeNumber } from '@waybill/http';
import { z } from 'zod';
import { orderStatuses } from '../domain/order.ts';

const token = text(1, 200);

/** The body of POST /orders. */
export const placeOrder = z
  .strictObject({
    lines: z.array(line).min(1).max(100),
    shippingAddress: enteredAddress,
    shippingMethod,
    payment: z.discriminatedUnion('method', [
      z.strictObject({ method: z.literal('card'), token }),
      z.strictObject({ method: z.literal('credit') }),
      z.strictObject({
        method: z.literal('card_and_credit'),
        token,
        creditAmount: positiveMoney.meta({
          description: 'How much store credit pays, less than the total; the card pays the rest',
        }),
      }),
    ]),
    note: enteredText(0, 500).nullish(),
    vatId: enteredLine(1, 40)
      .nullish()
      .meta({ description: 'Of a business in the EU, such as FR40303265045' }),
    voucherCode: enteredLine(1, 40).nullish(),
  })
  .meta({ id: 'PlaceOrder' });
export type PlaceOrderBody = z.output<typeof placeOrder>;

/** The body of POST /orders/{id}/cancel. */
export const cancelOrder = z
  .strictObject({ reason: enteredLine(1, 300) })
  .meta({ id: 'CancelOrder' });
export type CancelOrderBody = z.output<typeof cancelOrder>;

const goods = z.array(line).min(1).max(100);

/** The body of POST /orders/{id}/returns. */
export const requestReturn = z
  .strictObject({ lines: goods, reason: enteredLine(1, 300) })
  .meta({ id: 'RequestReturn' });
export type RequestReturnBody = z.output<typeof requestReturn>;

/** The body of POST /returns/{id}/receive. */
export const receiveReturn = z
  .strictObject({
    lines: z
      .array(line.extend({ sellable: z.boolean().optional() }))
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'What has come; without it, all that is awaited' }),
  })
  .meta({ id: 'ReceiveReturn' });
export type ReceiveReturnBody = z.output<typeof receiveReturn>;

/** The body of POST /returns/{id}/refuse. */
export const refuseReturn = z
  .strictObject({
    lines: goods
      .optional()
      .meta({ description: 'What is not accepted; without it, all that is awaited' }),
  })
  .meta({ id: 'RefuseReturn' });
export type RefuseReturnBody = z.output<typeof refuseReturn>;

export const listReturnsQuery = z.strictObject(paging);
export type ListReturns = z.output<typeof listReturnsQuery>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => uuid.test(text);

const longestWait = 30_000;
const milliseconds = (span: string): number =>
  Number.parseInt(span, 10) * (span.endsWith('ms') ? 1 : 1_000);

export const findOrderQuery = z.strictObject({
  ...revealing,
  wait: z
    .string()
    .regex(/^\d{1,5}m?s$/, 'is a span of time such as 10s, at most 30s')
    .transform(milliseconds)
    .refine((wait) => wait <= longestWait, 'is at most 30s')
    .optional(),
  version: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
});

export const streamOrderQuery = z.strictObject({
  ...revealing,
  /** For clients that cannot set the header. */
  lastEventId: z.string().min(1).max(100).optional(),
});
export type StreamOrder = z.output<typeof streamOrderQuery>;

export const listOrdersQuery = z.strictObject({
  ...paging,
  ...revealing,
  status: z.enum(orderStatuses as [string, ...string[]]).optional(),
  customerId: text(1, 100).optional(),
  since_id: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
});
export type ListOrders = z.output<typeof listOrdersQuery>;

export const listEventsQuery = z.strictObject({ ...paging, ...revealing });
export type ListEvents = z.output<typeof listEventsQuery>;

/** Of a document with a name and an address. */
export const documentQuery = z.strictObject(revealing);
export type DocumentQuery = z.output<typeof documentQuery>;
