import { z } from 'zod';

/** Notification has no settings besides those of every service. */
export const notificationConfig = z.object({});
