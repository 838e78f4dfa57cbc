import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Topology } from '@waybill/contracts/topology';
import { Redis } from 'ioredis';
import type { Users } from '../users.ts';
import { rightsOf } from './rights.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `TIME` is for the leases of work queues. Nothing that clears, configures or stops Redis, or lists the keys of others. */
const commands =
  '+@read +@write +@pubsub +@connection +@scripting +@transaction -@dangerous -scan -randomkey +info +time';

/** What only one service keeps in Redis, besides its work queues. A pattern of channels is allowed only as it is subscribed to. */
const kept: Readonly<Record<string, string>> = {
  analytics: '~waybill:{leaderboards}:*',
  gateway: '~waybill:rate:* ~waybill:ws:ticket:* &waybill:ws:*',
  inventory: '~waybill:product:*',
};

/** The live updates that a service publishes or observes, its own work queues, and what it alone keeps. */
function rulesOf(service: string, topology: Topology): readonly string[] {
  const { updates } = rightsOf(service, topology);
  const live = updates.map((channel) => `&waybill:live:${channel.slice(0, channel.indexOf('.'))}`);
  const queues = `~waybill:{work:${service}.* &waybill:work:${service}.*`;
  return [...live, queues, ...(kept[service] ? [kept[service]] : []), commands].flatMap((rule) =>
    rule.split(' '),
  );
}

/** The ACL file of Redis. With `secure` clients must log in; without it every client may do everything. */
export function redisAcl(users: Users, secure: boolean): string {
  const rules = [
    secure ? 'user default off' : 'user default on nopass ~* &* +@all',
    `user admin on #${sha256(users.password('admin'))} ~* &* +@all`,
    ...users.services.map(
      (service) =>
        `user ${service} on #${sha256(users.password(service))} ${rulesOf(service, users.topology).join(' ')}`,
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
      const rules = [`#${sha256(users.password(service))}`, ...rulesOf(service, users.topology)];
      await redis.acl('SETUSER', service, 'reset', 'on', ...rules);
    }
    await redis.acl('SAVE');
  } catch (error) {
    throw broken ?? error;
  } finally {
    redis.disconnect();
  }
}
