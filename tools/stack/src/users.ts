import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Topology } from '@waybill/contracts/topology';
import { readWhole, writeWholeSync } from '@waybill/local-files';

/** The users of a stack: `admin`, who may do everything, and one for each service. */
export interface Users {
  readonly services: readonly string[];
  /** The services that have a database. */
  readonly withDatabase: readonly string[];
  readonly topology: Topology;
  /** The password of `admin` or of a service; throws for an unknown name. */
  password(user: string): string;
}

/** Has no database, and only observes live messages. */
const edge = ['gateway'];
const remedy = 'remove all data by npm run stack -- reset, which draws new passwords';

/** The users of the stack in `folder`; passwords are generated once and stored there, readable by the owner only. */
export function usersOf(folder: string, topology: Topology): Users {
  const file = join(folder, 'passwords.json');
  const known = readWhole(file, (text) => JSON.parse(text) as Record<string, string>, remedy) ?? {};
  const lacking = ['admin', ...usersWith(known, topology).services].filter((user) => !known[user]);
  for (const user of lacking) known[user] = randomBytes(18).toString('base64url');
  if (lacking.length > 0) writeWholeSync(file, JSON.stringify(known, null, 2), { mode: 0o600 });
  return usersWith(known, topology);
}

/** The users of the services of a topology, with the given passwords. */
export function usersWith(passwords: Readonly<Record<string, string>>, topology: Topology): Users {
  const known = new Set(topology.map(({ service }) => service));
  const withDatabase = [...known].filter((service) => !edge.includes(service));
  const services = [...withDatabase, ...edge];
  return {
    services,
    withDatabase,
    topology,
    password: (user) => {
      const password = passwords[user];
      if (password) return password;
      throw new Error(`there is no service "${user}": there are ${services.join(', ')}`);
    },
  };
}
