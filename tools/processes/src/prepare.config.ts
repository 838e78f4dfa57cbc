import { declaredTopology } from '@waybill/contracts/topology';
import { type Environment, startPatience, timeSpan } from '@waybill/service';
import { type Users, usersWith } from '@waybill/stack';
import { z } from 'zod';
import { passwordVariable } from './environments.ts';

/** The services that have a password, if passwords are given. */
const known = usersWith({}, declaredTopology()).services;
const passwords = Object.fromEntries(
  known.map((service) => [passwordVariable(service), z.string().min(1).optional()]),
);

/** The settings of the job that prepares the servers, in addition to those of the services. */
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

/** Options of the job. */
export const jobConfig = z
  .object({
    /** How long to wait for servers to come up. */
    START_PATIENCE: startPatience,
    /** After a broker lost its data: how far back services republish messages that no saga sends again by itself. */
    REPUBLISH: timeSpan.optional(),
  })
  .transform((env) => ({
    patienceMs: env.START_PATIENCE,
    republishMs: env.REPUBLISH ?? null,
  }));

/** Null when no passwords are given: the users were then created by whoever runs the servers. */
function usersFrom(env: Environment): Users | null {
  const given = Object.fromEntries(
    known.flatMap((service) => {
      const password = env[passwordVariable(service)];
      return password ? [[service, password]] : [];
    }),
  );
  return Object.keys(given).length === 0 ? null : usersWith(given, declaredTopology());
}
