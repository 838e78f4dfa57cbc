import { givenInstant } from '@waybill/contracts';
import type { SeekTarget } from '@waybill/messaging';
import { z } from 'zod';

/** Where a group is to continue, in JSON: an end, a moment, or an offset of every partition. */
export const seekTarget = z
  .union(
    [z.enum(['earliest', 'latest']), givenInstant, z.int().min(0).max(Number.MAX_SAFE_INTEGER)],
    'is earliest, latest, a moment such as 2026-11-30T12:00:00Z, or an offset',
  )
  .transform((to): SeekTarget => {
    if (typeof to === 'number' || to === 'earliest' || to === 'latest') return to;
    return new Date(to);
  });
