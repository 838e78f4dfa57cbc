import type { Seller } from '../domain/invoice.ts';
import type { OrderContent, OrderPlacement } from '../domain/order.events.ts';
import { address } from './order.fixtures.ts';

export const seller: Seller = {
  name: 'Waybill Trading',
  line: 'Hafenstrasse 12',
  city: '20457 Hamburg',
  country: 'DE',
  vatId: 'DE136695976',
};

/** An order with two tax classes and a voucher. */
export const anOrderPlacement = (change: Partial<OrderContent> = {}): OrderPlacement => ({
  number: 'W261128-ABCD-EFGH-JKMN',
  customerId: 'ada',
  total: 120_144,
  currency: 'EUR',
  content: {
    customerName: 'Ada Lovelace',
    customerEmail: 'ada@example.com',
    lines: [
      { sku: 'LAPTOP-13', name: 'Laptop 13"', quantity: 1, unitPrice: 99_900, total: 99_900 },
      {
        sku: 'TEA',
        name: 'Tea',
        quantity: 3,
        unitPrice: 500,
        total: 1_500,
        taxClass: 'reduced',
      },
    ],
    shippingAddress: address,
    shippingMethod: 'standard',
    note: null,
    subtotal: 101_400,
    shippingCost: 690,
    tax: 19_054,
    taxes: [
      { class: 'standard', rate: 1_900, net: 99_605, tax: 18_950 },
      { class: 'reduced', rate: 700, net: 1_485, tax: 104 },
    ],
    voucher: { code: 'SUMMER', discount: 1_000 },
    ...change,
  },
});
