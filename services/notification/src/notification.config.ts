import { timeSpan } from '@waybill/service';
import { z } from 'zod';

/** The settings of notification, besides those of every service. */
export const notificationConfig = z
  .object({
    /** How long e-mails are kept. */
    DELIVERY_RETENTION: timeSpan.prefault('90d'),
  })
  .transform((env) => ({ deliveryRetention: env.DELIVERY_RETENTION }));
