import { randomUUID } from 'node:crypto';
import type { ProviderSums } from '../ledgers.ts';
import { each, type Wrong, wrongsOf } from './wrong.ts';

const accounts = ['provider_hold', 'provider_balance', 'customer'] as const;
/** A refund of a captured payment that never happened, with these amounts on the accounts. */
const refund = (...amounts: readonly number[]): string =>
  `insert into ledger_entries
     (order_id, operation_id, kind, account, amount, currency, at)
   select order_id, order_id || '/odd', 'refund', account, amount, 'EUR', now()
   from (select order_id from payments where status = 'captured' limit 1) payment,
     unnest(array['${accounts.join("','")}'], array[${amounts.join(',')}]) as entry (account, amount)
   where amount <> 0`;
/** Store credit that moved without a change of its account, or of what it pays of an order. */
const moved = (
  orderId: string,
  ...accounts: readonly [account: string, amount: number][]
): string =>
  `insert into ledger_entries (order_id, operation_id, kind, account, amount, currency, at, customer_id)
   select ${orderId}, coalesce(${orderId} || '/odd', 'odd'), 'credit_refund', account, amount, 'EUR', now(), customer_id
   from (select customer_id, order_id from credit_payments where status = 'captured' limit 1) payment,
     unnest(array['${accounts.map(([name]) => name).join("','")}'],
       array[${accounts.map(([, amount]) => amount).join(',')}]) as entry (account, amount)`;
const differs = 'the payment and its ledger differ';
const unbalanced = 'a transfer does not have two sides that cancel out';

/** Changes the sums of the captured payments in the provider's ledger. */
const told = (says: string, change: (sums: ProviderSums) => Partial<ProviderSums>): Wrong => ({
  teller: 'provider',
  says,
  change: (ledgers) => ({
    ...ledgers,
    provider: ledgers.provider.map((sums) =>
      sums.captured > 0 ? { ...sums, ...change(sums) } : sums,
    ),
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
    'ledger_entries',
    [
      'a customer has spent or reserved more store credit than there was',
      moved('null::uuid', ['credit', -90_000_000], ['credit_spent', 90_000_000]),
    ],
    [
      'store credit is not what was deposited less what was withdrawn and spent',
      moved('null::uuid', ['credit_source', -7], ['credit', 7]),
    ],
    ['store credit and its ledger differ', moved('null::uuid', ['credit', -7], ['credit_hold', 7])],
    ...each(['reserve', 'spend', 'credit_refund'], (kind) => [
      'what store credit pays of an order and its ledger differ',
      `delete from ledger_entries where kind = '${kind}'`,
    ]),
  ),
  ...wrongsOf('payment', 'credit_accounts', [
    'store credit is not what was deposited less what was withdrawn and spent',
    `update credit_accounts set balance = balance + 1`,
  ]),
  ...wrongsOf(
    'payment',
    'credit_payments',
    [
      'the store credit that is reserved is not that of the orders',
      `update credit_payments set status = 'reserved' where status = 'captured'`,
    ],
    [
      'store credit is reserved for an order that is settled',
      `update credit_payments set status = 'reserved' where status = 'captured'`,
    ],
    ...each(['amount', 'refunded'], (sum) => [
      'store credit that orders and payment took and gave back differs',
      `update credit_payments set ${sum} = ${sum} + 1 where status = 'captured'`,
    ]),
  ),
  ...wrongsOf(
    'payment',
    'refunds',
    ['the refunds and the ledger differ', `update refunds set credit = credit + 1`],
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
