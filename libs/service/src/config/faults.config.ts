import { z } from 'zod';
import { flag } from './flag.ts';

/** Whether operators may inject faults; default: everywhere except in a deployed system. */
export const faultsConfig = z
  .object({
    NODE_ENV: z.string().optional(),
    WAYBILL_DEPLOYED: flag.optional(),
    /** Whether operators may inject faults; default: unless the service is deployed. */
    FAULTS_ALLOWED: flag.optional(),
  })
  .transform((env) => ({
    allowed: env.FAULTS_ALLOWED ?? !(env.NODE_ENV === 'production' || env.WAYBILL_DEPLOYED),
  }));
export type FaultsConfig = z.output<typeof faultsConfig>;
