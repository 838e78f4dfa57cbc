import { developmentUsersConfig } from '@waybill/http';
import type { z } from 'zod';

/** The settings of customer. The users are seeded into a system that is not deployed. */
export const customerConfig = developmentUsersConfig.transform((users) => ({ users }));
export type CustomerConfig = z.output<typeof customerConfig>;
