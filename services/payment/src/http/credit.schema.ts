import { givenInstant, money, positiveMoney, text } from '@waybill/contracts';
import { paging } from '@waybill/http';
import { z } from 'zod';

/** The body of a deposit and of a withdrawal. */
export const changeCredit = z.strictObject({ amount: positiveMoney }).meta({ id: 'ChangeCredit' });
export type ChangeCreditBody = z.output<typeof changeCredit>;

/** An external issuer chooses the ids of its users; ours are UUIDs. */
export const customerId = text(1, 100);

export const creditQuery = z.strictObject(paging);

/** Where a page of entries continues. */
export const creditPlace = z.strictObject({
  at: givenInstant,
  operationId: text(1, 200),
  kind: text(1, 20),
});

const credit = {
  balance: money,
  available: money.meta({ description: 'The balance without what open orders have reserved' }),
  currency: z.string(),
};

/** The store credit of a customer after a change. */
export const creditAnswer = z.strictObject(credit).meta({ id: 'Credit' });

const entry = z.strictObject({
  kind: z.enum(['deposit', 'withdrawal', 'reserve', 'unreserve', 'credit_refund']),
  amount: money.meta({ description: 'What it added to the available credit; negative if it took' }),
  orderId: z.uuid().nullable(),
  at: z.iso.datetime(),
});

/** The store credit of a customer, with a page of its entries. */
export const creditPage = z
  .strictObject({ ...credit, items: z.array(entry), nextCursor: z.string().nullable() })
  .meta({ id: 'CreditPage' });
export type CreditPage = z.output<typeof creditPage>;
