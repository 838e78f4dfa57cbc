import type { Schemas } from '@waybill/client';

/** An order of one piece that is paid and delivered. */
export const sampleOrder = (sku: string): Schemas['PlaceOrder'] => ({
  lines: [{ sku, quantity: 1 }],
  shippingAddress: {
    name: 'Sample Order',
    line1: '1 Main St',
    line2: null,
    city: 'Berlin',
    postalCode: '10115',
    country: 'DE',
  },
  shippingMethod: 'standard',
  payment: { method: 'card', token: 'tok_visa' },
  note: null,
});
