import { expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import { usersWith } from '@waybill/stack';
import { admitUsers } from './admit-users.ts';
import { Waiting } from './waiting.ts';

/** No server listens there; `fetch` refuses to try port 1. */
const nowhere = '127.0.0.1:2';
const topology = declaredTopology();
const passwords = Object.fromEntries(
  usersWith({}, topology).services.map((service) => [service, 'pear']),
);
const servers: readonly (readonly [string, Record<string, string>])[] = [
  ['PostgreSQL (DATABASE_URL)', { DATABASE_URL: `postgres://admin:pear@${nowhere}/postgres` }],
  ['RabbitMQ (RABBITMQ_MANAGEMENT_URL)', { RABBITMQ_URL: `amqp://admin:pear@${nowhere}/waybill` }],
];

it.each(servers)('waits for %s as long as it may, and names it', async (name, env) => {
  const waiting = new Waiting(() => undefined, undefined, 0);
  const users = usersWith(passwords, topology);

  const admitted = admitUsers(env, `http://${nowhere}`, users, waiting);

  await expect(admitted).rejects.toThrow(`no users can be made at ${name}: connect ECONNREFUSED`);
});
