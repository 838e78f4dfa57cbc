import { createHash, randomBytes } from 'node:crypto';
import type { Users } from '../users.ts';

export const vhost = 'waybill';

/** What RabbitMQ stores instead of a password: salt and SHA-256, in base64. */
export function passwordHash(password: string, salt: Buffer = randomBytes(4)): string {
  const digest = createHash('sha256').update(salt).update(password).digest();
  return Buffer.concat([salt, digest]).toString('base64');
}

const everything = { configure: '.*', write: '.*', read: '.*' };

/** The definitions that RabbitMQ loads when it starts: its virtual host, its users, what each may do. */
export function rabbitmqDefinitions(users: Users, secure: boolean): object {
  const admins = [
    { name: 'admin', password: users.password('admin') },
    ...(secure ? [] : [{ name: 'guest', password: 'guest' }]),
  ];
  return {
    vhosts: [{ name: vhost }],
    users: [
      ...admins.map((user) => userOf(user.name, user.password, 'administrator')),
      ...users.services.map((service) => userOf(service, users.password(service), '')),
    ],
    permissions: [
      ...admins.map(({ name }) => ({ user: name, vhost, ...everything })),
      ...users.services.map((service) => ({ user: service, vhost, ...everything })),
    ],
  };
}

const userOf = (name: string, password: string, tags: string): object => ({
  name,
  password_hash: passwordHash(password),
  hashing_algorithm: 'rabbit_password_hashing_sha256',
  tags,
});
