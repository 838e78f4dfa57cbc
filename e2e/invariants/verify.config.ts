import process from 'node:process';
import { definitions, Environments, noServersHere } from '@waybill/processes';
import { readSettings } from '@waybill/service';
import { z } from 'zod';
import { sandboxKeys } from './ledgers.ts';
import type { DatabaseUrls } from './service-databases.ts';

/** The addresses of a system that was not started from this folder. */
export const verifyConfig = z
  .object({
    /** Of an administrator; each service has the database `waybill_<service>`. */
    DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\/\S+$/, 'is a URL of PostgreSQL'),
    PAYMENT_PROVIDER_URL: z.url({ protocol: /^https?$/ }),
    PAYMENT_PROVIDER_API_KEY: z.string().default(sandboxKeys.paymentProvider),
    CARRIERS_URL: z.url({ protocol: /^https?$/ }),
    CARRIERS_API_KEY: z.string().default(sandboxKeys.carriers),
  })
  .transform((env) => ({
    databases: databasesOf(env.DATABASE_URL),
    sandboxes: {
      paymentProvider: { url: env.PAYMENT_PROVIDER_URL },
      carriers: { url: env.CARRIERS_URL },
    },
    keys: { paymentProvider: env.PAYMENT_PROVIDER_API_KEY, carriers: env.CARRIERS_API_KEY },
  }));

/** The system that the environment names; throws `InvalidConfig`. */
export const systemToVerify = (): z.output<typeof verifyConfig> =>
  readSettings('verify-invariants', process.env, [verifyConfig])[0];

function databasesOf(url: string): DatabaseUrls {
  const environments = new Environments({ DATABASE_URL: url }, noServersHere, '');
  const urls = definitions.map(({ name }) => [name, environments.of(name)['DATABASE_URL']]);
  return Object.fromEntries(urls) as DatabaseUrls;
}
