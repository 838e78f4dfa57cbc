import { createHash } from 'node:crypto';
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
