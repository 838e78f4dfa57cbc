import { createHash, randomBytes } from 'node:crypto';
import type { Users } from '../users.ts';
import { type Rights, rightsOf } from './rights.ts';

export const vhost = 'waybill';

/** Regular expressions over the names of queues and exchanges, as RabbitMQ uses them. */
export interface RabbitmqPermission {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

const everything: RabbitmqPermission = { configure: '.*', write: '.*', read: '.*' };

/** The definitions that RabbitMQ loads when it starts: its virtual host, its users and their permissions. */
export function rabbitmqDefinitions(users: Users, secure: boolean): object {
  const admins = [
    { name: 'admin', password: users.password('admin') },
    ...(secure ? [] : [{ name: 'guest', password: 'guest' }]),
  ];
  const services = serviceDefinitions(users);
  return {
    vhosts: services.vhosts,
    users: [
      ...admins.map((user) => userOf(user.name, user.password, 'administrator')),
      ...services.users,
    ],
    permissions: [
      ...admins.map(({ name }) => ({ user: name, vhost, ...everything })),
      ...services.permissions,
    ],
  };
}

/** Only the definitions of the services. */
function serviceDefinitions({ services, topology, password }: Users) {
  return {
    vhosts: [{ name: vhost }],
    users: services.map((service) => userOf(service, password(service), '')),
    permissions: services.map((service) => ({
      user: service,
      vhost,
      ...permissionOf(rightsOf(service, topology)),
    })),
  };
}

/** The management API of RabbitMQ. */
export interface RabbitmqManagement {
  /** Of the HTTP API, such as `http://rabbitmq:15672`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

const longestUpload = 10_000;

/** Creates the user of each service, or sets its password and permissions. */
export async function admitToRabbitmq(
  { url, username, password }: RabbitmqManagement,
  users: Users,
): Promise<void> {
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  const answer = await fetch(new URL('/api/definitions', url), {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify(serviceDefinitions(users)),
    signal: AbortSignal.timeout(longestUpload),
  });
  if (answer.ok) return;
  throw new Error(`RabbitMQ's management at ${url} takes no users: it answers ${answer.status}`);
}

const escaped = (words: readonly string[]): string =>
  words.map((word) => word.replaceAll('.', '\\.')).join('|');
const anyOf = (...parts: readonly string[]): string =>
  `^(?:${parts.filter((part) => part !== '').join('|')})$`;

/** Queues of one connection: exclusive, with names that cannot be guessed. */
const temporary = 'waybill\\.own\\..*';

/**
 * A service creates no queue of a group, and no exchange that a group subscribes to. It writes to the exchanges it publishes to
 * and reads the queues of its own groups, the live updates that it observes, and the queues of the requests that it answers, each
 * with the name of a responder or without; objects that the adapters share begin with `waybill.`. Replies use the
 * default exchange, so a service could write to a queue of another service, but never read it.
 */
export function permissionOf({
  groups,
  publishes,
  unsubscribed,
  updates,
  answers,
}: Rights): RabbitmqPermission {
  const exchanges =
    publishes.length > 0 ? `(?:${escaped(publishes)})(?:\\.by-\\d+|\\.fanout)?` : '';
  const queues =
    groups.length > 0
      ? `(?:${escaped(groups)})\\.(?:\\d+(?:\\.(?:critical|urgent|low))?|dead|partitions)`
      : '';
  const answered =
    answers.length > 0 ? `waybill\\.requests\\.(?:${escaped(answers)})(?:/[^/]+)?` : '';
  const made = unsubscribed.length > 0 ? `(?:${escaped(unsubscribed)})(?:\\.fanout)?` : '';
  const shown = updates.length > 0 ? `(?:${escaped(updates)})\\.fanout` : '';
  const retries = 'waybill\\.retry\\.\\d+';
  const shared = 'waybill\\.(?:members|requests|observed)';
  return {
    configure: anyOf('waybill\\.requests', answered, made, retries, temporary),
    write: anyOf(exchanges, answered, shared, retries, 'amq\\.default', temporary),
    read: anyOf(queues, answered, shown, shared, retries, temporary),
  };
}

/** What RabbitMQ stores instead of a password: salt and SHA-256, in base64. */
export function passwordHash(password: string, salt: Buffer = randomBytes(4)): string {
  const digest = createHash('sha256').update(salt).update(password).digest();
  return Buffer.concat([salt, digest]).toString('base64');
}

const userOf = (name: string, password: string, tags: string): object => ({
  name,
  password_hash: passwordHash(password),
  hashing_algorithm: 'rabbit_password_hashing_sha256',
  tags,
});
