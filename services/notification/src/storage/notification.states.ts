import { states } from '@waybill/messaging';
import type { Delivery, Preferences } from '../domain/delivery.ts';

/** One row an e-mail. */
export const deliveries = states<Delivery>({
  table: 'deliveries',
  id: 'id',
  columns: {
    id: 'text',
    orderId: 'uuid',
    template: 'text',
    recipient: 'text',
    status: 'text',
    news: 'jsonb',
    at: 'timestamptz',
  },
});

/** One row a customer who wants something else than the default. */
export const preferences = states<Preferences>({
  table: 'preferences',
  id: 'customerId',
  columns: { customerId: 'text', email: 'boolean', mutedTemplates: 'jsonb' },
});
