import { instant } from '@waybill/contracts';
import { faultEffects, longestLatency } from '@waybill/service';
import { z } from 'zod';

const share = z
  .number('is a number from 0 to 1')
  .min(0, 'is a number from 0 to 1')
  .max(1, 'is a number from 0 to 1')
  .meta({
    description: 'The share of calls that fail, or of messages that arrive twice or are overtaken',
  });
const latencyRule = `is a whole number of milliseconds from 0 to ${longestLatency}`;
const latencyMs = z.int(latencyRule).min(0, latencyRule).max(longestLatency, latencyRule).meta({
  description:
    'How much longer each call takes, how much later the second message comes, how long a message is overtaken, or how long an outage lasts; in milliseconds',
});
const missing = z
  .array(z.string())
  .meta({ description: 'Services that did not answer in time; their part is not here' });

/** A fault to set. What is left out is 0. */
export const faultBody = z.strictObject({
  share: share.default(0),
  latencyMs: latencyMs.default(0),
});

const fault = z.strictObject({
  name: z.string(),
  service: z.string(),
  about: z.string(),
  effect: z.enum(faultEffects).meta({ description: 'What goes wrong while it is set' }),
  share,
  latencyMs,
  setBy: z.string().nullable(),
  setAt: instant.nullable(),
});

export const faultAnswer = fault.meta({ id: 'Fault' });

export const faultPageAnswer = z
  .strictObject({ items: z.array(faultAnswer), nextCursor: z.string().nullable(), missing })
  .meta({ id: 'FaultPage' });

export const clearedAnswer = z.strictObject({
  services: z.array(z.string()).meta({ description: 'Services without any fault now' }),
  missing,
});
