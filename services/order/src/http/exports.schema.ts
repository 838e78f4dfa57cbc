import { givenInstant } from '@waybill/contracts';
import { revealing } from '@waybill/http';
import { z } from 'zod';
import { exportFormats } from '../storage/order-export.entity.ts';

export const exportBody = z
  .strictObject({
    kind: z.literal('orders'),
    format: z.enum(exportFormats),
    from: givenInstant.optional(),
    to: givenInstant.optional(),
  })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    error: 'is after from',
  });
export type ExportBody = z.output<typeof exportBody>;

export const exportFileQuery = z.strictObject(revealing);
export type ExportFileQuery = z.output<typeof exportFileQuery>;
