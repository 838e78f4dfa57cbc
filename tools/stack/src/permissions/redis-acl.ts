import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { Users } from '../users.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Live updates, cached reads, shared limits and queues, under our own key names; no command that clears, configures or stops Redis. */
const ofServices =
  '&waybill:* &waybill:live:* &waybill:work:* &waybill:ws:* ~waybill:* +@read +@write +@pubsub +@connection +@scripting +@transaction -@dangerous +info';

/** The ACL file of Redis. With `secure` clients must log in; without it every client may do everything. */
export function redisAcl(users: Users, secure: boolean): string {
  const rules = [
    secure ? 'user default off' : 'user default on nopass ~* &* +@all',
    `user admin on #${sha256(users.password('admin'))} ~* &* +@all`,
    ...users.services.map(
      (service) => `user ${service} on #${sha256(users.password(service))} ${ofServices}`,
    ),
  ];
  return `${rules.join('\n')}\n`;
}

/** Creates the user of each service, or sets its password and rights, and saves them to its ACL file. */
export async function admitToRedis(
  url: string,
  caFile: string | undefined,
  users: Users,
): Promise<void> {
  const tls = caFile ? { tls: { ca: readFileSync(caFile) } } : {};
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, ...tls });
  let broken: Error | undefined;
  // Only this event has the cause of a broken connection; commands fail with a generic error.
  redis.on('error', (error: Error) => {
    broken = error;
  });
  try {
    await redis.connect();
    for (const service of users.services) {
      const rules = [`#${sha256(users.password(service))}`, ...ofServices.split(' ')];
      await redis.acl('SETUSER', service, 'reset', 'on', ...rules);
    }
    await redis.acl('SAVE');
  } catch (error) {
    throw broken ?? error;
  } finally {
    redis.disconnect();
  }
}
