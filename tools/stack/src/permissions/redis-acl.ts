import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { Users } from '../users.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Live updates, cached reads, shared limits, under our own names; nothing that empties, changes or ends the server. */
const ofServices =
  '&waybill:* &waybill:live:* ~waybill:* +@read +@write +@pubsub +@connection +@scripting +@transaction -@dangerous +info';

/** The ACL file of Redis. With `secure` nobody gets in without a name, else everybody does and may do everything. */
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

/** Makes the user of each service, or gives it the password and the rights that it should have, in its ACL file too. */
export async function admitToRedis(
  url: string,
  caFile: string | undefined,
  users: Users,
): Promise<void> {
  const tls = caFile ? { tls: { ca: readFileSync(caFile) } } : {};
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, ...tls });
  let broken: Error | undefined;
  // What a connection died of is told here alone; commands only learn that it is closed.
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
