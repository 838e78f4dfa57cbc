import { each, type Wrong, wrongsOf } from './wrong.ts';

const confirmed = `status = 'confirmed'`;
const rejected = `status = 'rejected'`;
const cancelled = `status = 'cancelled'`;
const captured = (amount: number): string =>
  `payment = jsonb_set(payment, '{captured}', '${amount}')`;

const returnsWith = (status: string): string =>
  `jsonb_set(returns, '{0,status}', '"${status}"') where status = 'returned'`;

export const orderWrongs: readonly Wrong[] = [
  ...wrongsOf(
    'order',
    'sagas',
    ['a saga has not ended', `update sagas set status = 'running' where status = 'completed'`],
    ['a saga has not ended', `update sagas set status = 'compensating' where status = 'aborted'`],
    ['an order has no saga', `delete from sagas where id like 'place-order:%'`],
    ['a saga has no order', `update sagas set key = gen_random_uuid()::text`],
    ['the saga is settled', `update sagas set status = 'aborted' where status = 'completed'`],
    ['the saga is settled', `update sagas set status = 'completed' where status = 'aborted'`],
    ['the saga is settled', `update sagas set status = 'aborted' where id like 'cancel-order:%'`],
    ['the saga is settled', `delete from sagas where id like 'cancel-order:%'`],
    [
      'two sagas of an order ran at the same time',
      `update sagas set status = 'running' where id like 'place-order:%'`,
    ],
    [
      'an order was cancelled and returned',
      `insert into sagas select (jsonb_populate_record(s, jsonb_build_object('id', 'return-order:' || key))).*
       from sagas s where id like 'cancel-order:%'`,
    ],
  ),
  ...wrongsOf(
    'order',
    'orders',
    ['the saga is settled', `update orders set status = 'pending' where ${confirmed}`],
    ['the saga is settled', `update orders set status = 'pending' where ${rejected}`],
    ['the saga is settled', `update orders set status = 'shipped' where ${cancelled}`],
    [
      'a cancelled order has no reason',
      `update orders set cancel_reason = null where ${cancelled}`,
    ],
    [
      'a cancel was requested and came to nothing',
      `update orders set cancel_reason = 'too slow' where ${confirmed}`,
    ],
    [
      'an order that is settled still requires an action',
      `update orders set payment = jsonb_set(payment, '{status}', '"requires_action"') where ${rejected}`,
    ],
    ['a return is open and', `update orders set status = 'returning' where ${confirmed}`],
    ['a return is open and', `update orders set returns = ${returnsWith('authorized')}`],
    ['the goods of a return are here', `update orders set returns = ${returnsWith('received')}`],
    [
      'the refunds of an order are not those of its returns',
      `update orders set returns = '[]' where status = 'returned'`,
    ],
    [
      'an order is returned and not refunded in full',
      `update orders set status = 'returned' where ${confirmed}`,
    ],
    ['a rejected order has no reason', `update orders set reason = null where ${rejected}`],
    ...each(['rejected', 'cancelled'], (status) => [
      'an order that came to nothing took money',
      `update orders set status = '${status}', ${captured(5)} where ${rejected}`,
    ]),
    ...each(
      ['confirmed', 'partially_shipped', 'shipped', 'delivered', 'returning', 'returned'],
      (status) => [
        'a sold order is not paid in full',
        `update orders set status = '${status}', ${captured(5)} where ${confirmed}`,
      ],
    ),
    ...each(['subtotal', 'shippingCost', 'tax'], (part) => [
      'the parts of a price do not add up',
      `update orders set content = jsonb_set(content, '{${part}}', '1')`,
    ]),
    [
      'the taxes of the classes do not add up',
      `update orders set content = jsonb_set(content, '{taxes}', '[{"class": "zero", "rate": 0, "net": 1, "tax": 0}]')`,
    ],
    [
      'the discounts of the lines do not add up',
      `update orders set content = jsonb_set(content, '{lines,0,discount}', '1') where content ? 'voucher'`,
    ],
    ['the versions of an order', `update orders set version = version + 1 where ${confirmed}`],
    ['an event belongs to no order', `delete from orders where ${confirmed}`],
    [
      'folding the events gives another order',
      `update orders set content = jsonb_set(content, '{note}', '"changed"')`,
    ],
  ),
  ...wrongsOf(
    'order',
    'order_events',
    ['the versions of an order have a gap', `delete from order_events where version = 2`],
    ['the versions of an order', `update order_events set version = 0 where version = 1`],
    ['the versions of an order', `update order_events set version = 99 where version = 2`],
    [
      'a refund is not the sum of its parts',
      `update order_events set data = jsonb_set(data, '{shipping,tax}', '7') where data ? 'shipping'`,
    ],
    ['the positions of the events', `update order_events set position = 999 where position = 2`],
    [
      'an event was written by no message',
      `update order_events set message_id = gen_random_uuid() where version = 2`,
    ],
  ),
  ...wrongsOf(
    'order',
    'vouchers',
    ['a voucher has other uses', `update vouchers set uses = uses + 1`],
    ['a voucher has other uses', `delete from vouchers`],
  ),
  ...wrongsOf(
    'order',
    'voucher_holders',
    ['a customer has other uses', `update voucher_holders set uses = 0`],
    ['a customer has other uses', `delete from voucher_holders`],
  ),
  ...wrongsOf(
    'order',
    'invoices',
    ['the numbers of invoices', `delete from invoices where sequence = 1`],
    ['the numbers of invoices', `update invoices set sequence = sequence + 1000`],
    ['a number is not that of its series', `update invoices set year = year + 1`],
    ['a confirmed order has no invoice', `delete from invoices where series = 'invoice'`],
    ['a confirmed order has no invoice', `delete from invoices where series = 'credit_note'`],
    [
      'an invoice belongs to no confirmed',
      `update invoices set order_version = order_version + 99`,
    ],
    ['an invoice is not about the total', `update invoices set total = total + 1`],
    [
      'the amounts of an invoice',
      `update invoices set document = jsonb_set(document, '{net}', '1')`,
    ],
    [
      'the credit notes of an invoice exceed it',
      `update invoices set total = total * 2 where series = 'credit_note'`,
    ],
  ),
  ...wrongsOf('order', 'inbox', [
    'an event was written by no message',
    `update inbox set outcome = 'dead' where type = 'payment.payment-captured'`,
  ]),
];
