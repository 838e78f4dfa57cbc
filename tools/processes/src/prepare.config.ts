import { declaredTopology } from '@waybill/contracts/topology';
import { type Environment, startPatience, timeSpan } from '@waybill/service';
import { type Users, usersWith } from '@waybill/stack';
import { z } from 'zod';
import { passwordVariable } from './environments.ts';

/** Who has a password, if there are any. */
const known = usersWith({}, declaredTopology()).services;
const passwords = Object.fromEntries(
  known.map((service) => [passwordVariable(service), z.string().min(1).optional()]),
);

/** The settings of the job that prepares servers, beside those of the services. */
export const prepareConfig = z
  .object({
    DATABASE_URL: z
      .string()
      .regex(
        /^postgres(ql)?:\/\/\S+$/,
        'is a URL such as postgres://admin:password@host:5432/postgres',
      ),
    BROKERS: z.string().min(1).default('mixed'),
    RABBITMQ_MANAGEMENT_URL: z.url({ protocol: /^https?$/ }).optional(),
    ...passwords,
  })
  .superRefine((env: Environment, context) => {
    const lacking = known.map(passwordVariable).filter((name) => env[name] === undefined);
    if (lacking.length === 0 || lacking.length === known.length) return;
    for (const name of lacking) {
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'is needed where others are given',
      });
    }
  })
  .transform((env: Environment) => ({
    managementUrl: env['RABBITMQ_MANAGEMENT_URL'] ?? null,
    users: usersFrom(env),
  }));

/** How the job does it. */
export const jobConfig = z
  .object({
    /** How long servers have to come up. */
    START_PATIENCE: startPatience,
    /** For brokers that have lost what they held: how far back services say again what nobody asks for. */
    REPUBLISH: timeSpan.optional(),
  })
  .transform((env) => ({
    patienceMs: env.START_PATIENCE,
    republishMs: env.REPUBLISH ?? null,
  }));

/** Null where no passwords are given: then whoever gave the servers has made their users. */
function usersFrom(env: Environment): Users | null {
  const given = Object.fromEntries(
    known.flatMap((service) => {
      const password = env[passwordVariable(service)];
      return password ? [[service, password]] : [];
    }),
  );
  return Object.keys(given).length === 0 ? null : usersWith(given, declaredTopology());
}
