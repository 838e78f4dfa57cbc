import { z } from 'zod';

/** Notification has no settings beside those that every service has. */
export const notificationConfig = z.object({});
