import { parseArgs } from 'node:util';
import { parsePorts } from './port.ts';
import { isServerName, type ServerName, serverNames } from './server-name.ts';

export const actions = ['up', 'down', 'status', 'logs', 'reset', 'env', 'install'] as const;
export type Action = (typeof actions)[number];

/** A parsed command line. */
export interface Command {
  readonly action: Action;
  /** All servers when none is named. */
  readonly servers: readonly ServerName[];
  /** The service whose environment is requested. */
  readonly service: string | undefined;
  readonly data: string | undefined;
  readonly cache: string | undefined;
  readonly ports: ReadonlyMap<string, number>;
  readonly freePorts: boolean;
  readonly install: boolean;
  /** Undefined: as the servers run, or as they ran before. */
  readonly secure: boolean | undefined;
  readonly tls: boolean | undefined;
  readonly follow: boolean;
}

/** The command line or the environment is invalid; the message explains the correct usage. */
export class Misuse extends Error {}

export const usage = `usage: npm run stack -- <action> [server...] [options]

  up        start servers, or take them as they run, and wait until they answer
  down      end them; their data stay
  status    what runs, where
  logs      what they wrote [-f: and go on writing]
  reset     end them and remove their data
  env       the environment of a client, for a shell [a service: of that service]
  install   install the packages that are missing (Debian, Ubuntu, as root)

servers: ${serverNames.join(' ')} (all when none is named)

  --port kafka=9092      another port; also rabbitmq.management=9001
  --free-ports           free ports instead of the defaults, the first time
  --secure               nobody gets in without a user; a user for each service
  --tls                  PostgreSQL, Redis, RabbitMQ and Kafka speak TLS; needs openssl
  --install              install what is missing first
  --data FOLDER          default .waybill/stack
  --cache FOLDER         what was downloaded; default .waybill/cache`;

const options = {
  port: { type: 'string', multiple: true },
  'free-ports': { type: 'boolean' },
  secure: { type: 'boolean' },
  tls: { type: 'boolean' },
  install: { type: 'boolean' },
  data: { type: 'string' },
  cache: { type: 'string' },
  follow: { type: 'boolean', short: 'f' },
} as const;

/** Parses a command line; `CI=true` installs, and `STACK_PORTS`, `STACK_DATA` and `STACK_CACHE` act as the options. */
export function parseCommand(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Command {
  const { values, positionals } = asMisuse(() =>
    parseArgs({ args: [...words], options, allowPositionals: true }),
  );
  const [action, ...names] = positionals;
  if (!isAction(action)) throw new Misuse(usage);
  const service = action === 'env' ? names[0] : undefined;
  const ports = asMisuse(() =>
    parsePorts([env['STACK_PORTS'] ?? '', ...(values.port ?? [])].join(',')),
  );
  return {
    action,
    servers: action === 'env' ? serverNames : serversOf(names),
    service,
    data: values.data ?? env['STACK_DATA'],
    cache: values.cache ?? env['STACK_CACHE'],
    ports,
    freePorts: values['free-ports'] ?? false,
    install: values.install ?? env['CI'] === 'true',
    secure: values.secure,
    tls: values.tls,
    follow: values.follow ?? false,
  };
}

function serversOf(names: readonly string[]): readonly ServerName[] {
  const unknown = names.find((name) => !isServerName(name));
  if (unknown !== undefined) {
    throw new Misuse(`there is no server "${unknown}": there are ${serverNames.join(', ')}`);
  }
  return names.length === 0 ? serverNames : (names as ServerName[]);
}

const isAction = (word: string | undefined): word is Action =>
  (actions as readonly (string | undefined)[]).includes(word);

function asMisuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}
