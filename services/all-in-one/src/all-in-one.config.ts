import { type Environment, readSettings } from '@waybill/service';
import { z } from 'zod';

const probability = z.coerce.number().min(0).max(1);
const faults = z.strictObject({
  seed: z.coerce.number().int().min(0),
  duplicate: probability.optional(),
  reorder: probability.optional(),
  loseConfirm: probability.optional(),
});

const schema = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
    HOST: z.string().min(1).default('127.0.0.1'),
    WAYBILL_DATA: z.string().min(1).default('.waybill'),
    /** `in-process` is for benchmarks: no HTTP between the services and the provider and carriers. */
    SANDBOXES: z.enum(['http', 'in-process']).default('http'),
    LOG_LEVEL: z.string().default('warn'),
    NODE_ENV: z.string().optional(),
    /** Development only: faults of the embedded broker, such as `seed=1,duplicate=0.2,reorder=0.2`. */
    BROKER_FAULTS: z
      .string()
      .transform((list) => Object.fromEntries(list.split(',').map((each) => each.split('='))))
      .pipe(faults)
      .optional(),
  })
  .superRefine((env, context) => {
    if (env.BROKER_FAULTS === undefined || env.NODE_ENV !== 'production') return;
    context.addIssue({
      code: 'custom',
      path: ['BROKER_FAULTS'],
      message: 'is for development only',
    });
  })
  .transform((env) => ({
    port: env.PORT,
    host: env.HOST,
    dataFolder: env.WAYBILL_DATA,
    sandboxes: env.SANDBOXES,
    logLevel: env.LOG_LEVEL,
    brokerFaults: env.BROKER_FAULTS,
  }));
export type AllInOneConfig = z.output<typeof schema>;

/** The settings of the whole system in one process; throws `InvalidConfig`, which names every invalid one. */
export function allInOneConfig(env: Environment): AllInOneConfig {
  return readSettings('the system', env, [schema])[0];
}

/** The environment of this process. */
export const processEnvironment = (): Environment => ({ ...process.env });
