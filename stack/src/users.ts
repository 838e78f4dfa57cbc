import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A group of the topology, as far as permissions depend on it. */
export interface TopologyGroup {
  readonly service: string;
  readonly group: string;
  readonly hears: readonly { readonly type: string; readonly kind: string }[];
  readonly says: readonly string[];
}

/** The users of a stack: `admin`, who may do everything, and one for each service. */
export interface Users {
  readonly services: readonly string[];
  /** The services that keep something in a database. */
  readonly withDatabase: readonly string[];
  readonly topology: readonly TopologyGroup[];
  /** Of `admin` or of a service; throws for a name that nobody has. */
  password(user: string): string;
}

/** Has no groups and no database, and so is not in the topology. */
const edge = ['gateway'];
const topologyFile = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../libs/contracts/topology.json',
);

/** Reads who hears and says what. */
export const readTopology = (): readonly TopologyGroup[] =>
  JSON.parse(readFileSync(topologyFile, 'utf8')) as readonly TopologyGroup[];

/** The users of the stack in `folder`; passwords are drawn once and kept there, for its owner alone. */
export function usersOf(folder: string, topology: readonly TopologyGroup[]): Users {
  const withDatabase = [...new Set(topology.map(({ service }) => service))];
  const services = [...withDatabase, ...edge];
  const file = join(folder, 'passwords.json');
  const known = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
    : {};
  const lacking = ['admin', ...services].filter((user) => !known[user]);
  for (const user of lacking) known[user] = randomBytes(18).toString('base64url');
  if (lacking.length > 0) writeFileSync(file, JSON.stringify(known, null, 2), { mode: 0o600 });
  return {
    services,
    withDatabase,
    topology,
    password: (user) => {
      const password = known[user];
      if (password) return password;
      throw new Error(`there is no service "${user}": there are ${services.join(', ')}`);
    },
  };
}
