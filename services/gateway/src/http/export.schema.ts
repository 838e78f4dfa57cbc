import { instant } from '@waybill/contracts';
import { z } from 'zod';

const item = z.record(z.string(), z.unknown());
const items = z.array(item);

/** Everything that the system has of a customer. */
export const exportAnswer = z
  .strictObject({
    customerId: z.string(),
    exportedAt: instant,
    account: item.nullable(),
    preferences: item.nullable(),
    addresses: items,
    sessions: items,
    credit: item.nullable(),
    creditEntries: items,
    orders: items,
    payments: items,
    shipments: items,
    notifications: items,
    otherNotifications: items.meta({ description: 'Those that are not about an order' }),
    webhooks: items,
    missing: z.array(z.string()).meta({
      description: 'Parts of which something is not here, because their service did not answer',
    }),
  })
  .meta({ id: 'CustomerExport' });
