import { createHash } from 'node:crypto';
import type { Users } from '../users.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What a service does with Redis: live updates, cached reads, shared limits; nothing that reads or ends the server. */
const serviceRules =
  'resetchannels &* resetkeys ~* -@all +@read +@write +@pubsub +@connection +@scripting +@transaction ' +
  '+info -@dangerous +info';

/** The ACL file of Redis. Without `secure` the default user may do everything, with it nobody gets in without a name. */
export function redisAcl(users: Users, secure: boolean): string {
  const rules = [
    secure ? 'user default off' : 'user default on nopass ~* &* +@all',
    `user admin on #${sha256(users.password('admin'))} ~* &* +@all`,
    ...users.services.map(
      (service) => `user ${service} on #${sha256(users.password(service))} ${serviceRules}`,
    ),
  ];
  return `${rules.join('\n')}\n`;
}
