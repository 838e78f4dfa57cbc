import { randomUUID } from 'node:crypto';
import type { ProviderSums } from '../ledgers.ts';
import { each, type Wrong, wrongsOf } from './wrong.ts';

const accounts = ['provider_hold', 'provider_balance', 'customer'] as const;
/** A refund of a captured payment that never happened, with these amounts on the accounts. */
const refund = (...amounts: readonly number[]): string =>
  `insert into ledger_entries
   select order_id, order_id || '/odd', 'refund', account, amount, 'EUR', now()
   from (select order_id from payments where status = 'captured' limit 1) payment,
     unnest(array['${accounts.join("','")}'], array[${amounts.join(',')}]) as entry (account, amount)
   where amount <> 0`;
const differs = 'the payment and its ledger differ';
const unbalanced = 'a transfer does not have two sides that cancel out';

/** Changes the sums of the captured payments in the provider's ledger. */
const told = (says: string, change: (sums: ProviderSums) => Partial<ProviderSums>): Wrong => ({
  teller: 'provider',
  says,
  change: ({ provider, carriers }) => ({
    provider: provider.map((sums) => (sums.captured > 0 ? { ...sums, ...change(sums) } : sums)),
    carriers,
  }),
});

export const paymentWrongs: readonly Wrong[] = [
  ...wrongsOf(
    'payment',
    'ledger_entries',
    ['the ledger does not sum to zero', refund(0, 0, 7)],
    ['the whole ledger sums to 7', refund(0, 0, 7)],
    [unbalanced, refund(0, 0, 7)],
    [unbalanced, refund(5, 5, -10)],
    [
      'the ledger of one order has several currencies',
      `update ledger_entries set currency = 'USD' where kind = 'capture'`,
    ],
    [
      'more was captured than authorized',
      `update ledger_entries set amount = amount * 2 where kind = 'capture'`,
    ],
    ['more was refunded than captured', refund(0, -9_000_000, 9_000_000)],
    [
      'something negative is held',
      `update ledger_entries set amount = amount * 2 where kind = 'capture'`,
    ],
    ...each(['authorize', 'capture'], (kind) => [
      differs,
      `delete from ledger_entries where kind = '${kind}'`,
    ]),
    [differs, refund(0, -7, 7)],
    ['something is still held', `delete from ledger_entries where kind = 'capture'`],
    ...each(['void', 'refund'], (kind) => [
      'a rejected or cancelled order does not net to zero',
      `delete from ledger_entries where kind = '${kind}'`,
    ]),
  ),
  ...wrongsOf(
    'payment',
    'payments',
    ...each(['authorized', 'captured', 'refunded'], (sum) => [
      differs,
      `update payments set ${sum} = ${sum} + 1 where status = 'captured'`,
    ]),
    [
      'a payment waits for its customer',
      `update payments set status = 'requires_action' where status = 'declined'`,
    ],
    [
      'a payment waits for its customer',
      `update payments set challenge = '{"url": "", "until": "", "amount": 1}'`,
    ],
    [differs, `delete from payments where status = 'captured'`],
    [
      'a rejected or cancelled order does not net to zero',
      `update payments set unsettled_since = now() where status = 'voided'`,
    ],
    [
      'confirmed orders and captured payments differ',
      `update payments set status = 'voided' where status = 'captured'`,
    ],
  ),
  ...wrongsOf(
    'payment',
    'refunds',
    ['the refunds and the ledger differ', `update refunds set amount = amount + 1`],
    [
      'refunds of orders and of payments differ',
      `update refunds set refund_id = gen_random_uuid()`,
    ],
  ),
  ...wrongsOf('payment', 'payment_flags', [
    'orders that show a dispute and disputed payments differ',
    `insert into payment_flags (id, order_id, flag, detail, occurred_at, at, version)
     select order_id || '/odd', order_id, 'dispute', '', now(), now(), 1 from payments limit 1`,
  ]),
  told('it charged an order more than once', () => ({ charges: 2 })),
  told('it has a charge of an order that nobody placed', () => ({ orderId: randomUUID() })),
  told('it captured more than it authorized', ({ captured }) => ({ authorized: captured - 1 })),
  told('refunded more than it captured', ({ captured }) => ({ refunded: captured + 1 })),
  told('it still holds money', ({ authorized }) => ({ authorized: authorized + 1 })),
  ...(['payments', 'orders'] as const).flatMap((whose) => [
    told(`its books and the ${whose} differ`, ({ captured }) => ({ captured: captured + 1 })),
    told(`its books and the ${whose} differ`, ({ refunded }) => ({ refunded: refunded + 1 })),
    told(`its books and the ${whose} differ`, () => ({ orderId: randomUUID() })),
  ]),
];
