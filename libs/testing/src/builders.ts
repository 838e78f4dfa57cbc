import {
  type Address,
  type DataOf,
  type Line,
  type Money,
  newId,
  OrderPlaced,
} from '@waybill/contracts';

/** An amount in euro cents. */
export const euros = (amount: number): Money => ({ amount, currency: 'EUR' });

export const aLine = (parts: Partial<Line> = {}): Line => ({
  sku: 'LAPTOP-13',
  quantity: 1,
  ...parts,
});

export const anAddress = (parts: Partial<Address> = {}): Address => ({
  name: 'Ada L.',
  line1: '1 Main St',
  line2: null,
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
  ...parts,
});

/** The data of `OrderPlaced`. */
export const anOrderPlaced = (
  parts: Partial<DataOf<typeof OrderPlaced>> = {},
): DataOf<typeof OrderPlaced> =>
  OrderPlaced({
    orderId: newId(),
    customerId: 'ada',
    lines: [aLine()],
    total: euros(1999),
    shippingMethod: 'standard',
    country: 'DE',
    at: '2026-01-01T12:00:00.000Z',
    ...parts,
  }).data;

/** The body of `POST /api/v1/orders`. */
export const anOrderRequest = (parts: Readonly<Record<string, unknown>> = {}): object => ({
  lines: [aLine()],
  shippingAddress: anAddress(),
  shippingMethod: 'standard',
  payment: { method: 'card', token: 'tok_visa' },
  note: null,
  ...parts,
});
