import { local, sku, text, warehouseCode } from '@waybill/contracts';
import { z } from 'zod';
import { deliveryColumns, mostUnits } from '../domain/delivery-line.ts';

const line = z.int().min(1);
const delivery = z.strictObject({
  line,
  requestId: z.uuid(),
  reference: text(1, 100),
  sku,
  warehouse: warehouseCode,
  quantity: z.int().min(1).max(mostUnits),
});
const refused = z.strictObject({
  line,
  reference: z.string().nullable(),
  field: z.enum(deliveryColumns).nullable(),
  rule: z.string(),
});

/** Takes a part of a file of deliveries in; without effect unless the import is at `position`. */
export const TakeDeliveriesIn = local('inventory.take-deliveries-in', {
  summary: 'Take a part of a file of deliveries in.',
  schema: z.strictObject({
    importId: z.uuid(),
    position: z.int().min(0),
    end: z.int().min(0),
    line,
    lines: z.array(z.union([delivery, refused])).max(1_000),
  }),
  key: (data) => data.importId,
});
