import { randomUUID } from 'node:crypto';
import { each, type Wrong, wrongsOf } from './wrong.ts';

const parts = ['received', 'returned', 'available', 'reserved', 'sold'] as const;
const laptop = `where sku = 'LAPTOP-13'`;
const moves = 'the movements do not add up to the stock';

export const inventoryWrongs: readonly Wrong[] = [
  {
    teller: 'inventory',
    says: 'a delivery of LAPTOP-13 is not in stock',
    change: (ledgers) => ({
      ...ledgers,
      supplier: [
        ...ledgers.supplier,
        { orderId: randomUUID(), sku: 'LAPTOP-13', quantity: 1, acknowledged: true },
      ],
    }),
  },
  ...wrongsOf(
    'inventory',
    'stock',
    ...each(parts, (part) => [
      'a part of the stock is negative',
      `update stock set ${part} = -1 ${laptop}`,
    ]),
    ...each(parts, (part) => [
      'received + returned is not',
      `update stock set ${part} = ${part} + 1 ${laptop}`,
    ]),
    ...each(['received', 'returned', 'reserved', 'sold'], (part) => [
      moves,
      `update stock set ${part} = ${part} + 1 ${laptop}`,
    ]),
    ['the warehouses do not hold', `update stock set warehouses = '[]' ${laptop}`],
    ...each(
      ['a warehouse holds less than what is reserved', 'more is reserved in the warehouses than'],
      (says) => [
        says,
        `update stock set warehouses = jsonb_set(warehouses, '{0,reserved}', to_jsonb(received + 1)) ${laptop}`,
      ],
    ),
    ['reserved is not the sum', `update stock set reserved = reserved + 1 ${laptop}`],
    ['sold is not the sum', `update stock set sold = sold + 1 ${laptop}`],
    ['goods that came in are not the restocks', `update stock set received = 1 ${laptop}`],
  ),
  ...wrongsOf(
    'inventory',
    'stock_movements',
    ...each(['received', 'returned', 'reserved', 'sold', 'restored'], (kind) => [
      moves,
      `delete from stock_movements where kind = '${kind}'`,
    ]),
    [
      moves,
      `update stock_movements set kind = 'released' where kind = 'reserved' and reference in
         (select reference from stock_movements where kind = 'sold')`,
    ],
  ),
  ...wrongsOf(
    'inventory',
    'returned_goods',
    ['returned is not the sum of the goods', `delete from returned_goods`],
    [
      'an order has returned more than it bought',
      `update returned_goods set lines = '[{"sku":"LAPTOP-13","quantity":99}]'`,
    ],
    ['returns that were taken back and restocked goods differ', `delete from returned_goods`],
  ),
  ...wrongsOf('inventory', 'products', [
    'a product shows an uploaded picture that has no sizes',
    `update products set image_url = '/images/' || repeat('0', 64) || '-384.webp' ${laptop}`,
  ]),
  ...wrongsOf('inventory', 'restocks', ['goods that came in', `update restocks set quantity = 1`]),
  ...wrongsOf(
    'inventory',
    'reservations',
    ['reserved is not the sum', `update reservations set status = 'reserved'`],
    ['sold is not the sum', `update reservations set status = 'committed'`],
    [
      'sold is not the sum',
      `update reservations set lines = '[{"sku":"GONE","quantity":1}]' where status = 'committed'`,
    ],
    [
      'held stock and orders that wait for their customers differ',
      `update reservations set status = 'reserved' where status = 'released'`,
    ],
    [
      'confirmed orders and sold goods differ',
      `update reservations set status = 'released' where status = 'committed'`,
    ],
  ),
  ...wrongsOf('inventory', 'reservations', [
    'orders cancelled after they were confirmed and goods put back',
    `update reservations set status = 'committed' where status = 'restored'`,
  ]),
  ...wrongsOf('inventory', 'inbox', [
    'placed orders and those that inventory was asked for differ',
    `delete from inbox where type = 'inventory.reserve-stock'`,
  ]),
];
