import { parseArgs } from 'node:util';
import { roster } from './roster.ts';

export const actions = [
  'start',
  'stop',
  'status',
  'kill',
  'logs',
  'prepare',
  'up',
  'supervise',
] as const;
export type Action = (typeof actions)[number];

/** A parsed command line. */
export interface Command {
  readonly action: Action;
  /** A service, or one of its processes: `payment`, `payment-2`. */
  readonly target: string | null;
  /** The number of processes per service, where it is not one. */
  readonly replicas: ReadonlyMap<string, number>;
  /** Null: `BROKERS` of the environment, else `mixed`. */
  readonly brokers: string | null;
  /** Of the gateway; null: `PORT` of the environment, else its default. */
  readonly port: number | null;
  readonly freePorts: boolean;
  readonly data: string | null;
  readonly follow: boolean;
}

/** The command line is invalid; the message explains the correct usage. */
export class Misuse extends Error {}

export const usage = `usage: npm run services -- <action> [options]

  start        prepare, then start every service, the gateway and the sandboxes, each in a process of its own
  stop         stop all of them in order
  status       what runs: process, port, whether it is ready, its memory
  kill NAME    kill -9 of a service or of one of its processes (payment-2); it is started again
  logs NAME    what it wrote [-f: and goes on writing]
  prepare      databases, migrations, topics and queues; start does it too

  --replicas payment=3   several processes of one service
  --brokers mixed        what carries the messages; as the setting BROKERS
  --port 8080            where the gateway listens
  --free-ports           free ports for everything, also for the gateway
  --data FOLDER          default .waybill/services

The servers are those of npm run stack -- up, or are given by DATABASE_URL, KAFKA_BROKERS, RABBITMQ_URL,
AWS_ENDPOINT_URL and REDIS_URL.`;

const options = {
  replicas: { type: 'string', multiple: true },
  brokers: { type: 'string' },
  port: { type: 'string' },
  'free-ports': { type: 'boolean' },
  data: { type: 'string' },
  follow: { type: 'boolean', short: 'f' },
} as const;

const most = 9;
const needTarget: readonly Action[] = ['kill', 'logs'];

/** Parses a command line; `PORT` acts as `--port`. Throws `Misuse`. */
export function parseCommand(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Command {
  const { values, positionals } = asMisuse(() =>
    parseArgs({ args: [...words], options, allowPositionals: true }),
  );
  const [action, target, ...more] = positionals;
  if (!isAction(action) || more.length > 0) throw new Misuse(usage);
  if (needTarget.includes(action) !== (target !== undefined)) throw new Misuse(usage);
  if (target !== undefined) checkName(target.replace(/-\d+$/, ''), target);
  return {
    action,
    target: target ?? null,
    replicas: new Map((values.replicas ?? []).flatMap((each) => each.split(',')).map(countOf)),
    brokers: values.brokers ?? null,
    port: givenPort({ '--port': values.port, PORT: env['PORT'] }),
    freePorts: values['free-ports'] ?? false,
    data: values.data ?? null,
    follow: values.follow ?? false,
  };
}

/** The first value that is given. */
function givenPort(ways: Readonly<Record<string, string | undefined>>): number | null {
  const [way, text] = Object.entries(ways).find(([, each]) => each) ?? [];
  return way && text ? portOf(way, text) : null;
}

function countOf(text: string): readonly [string, number] {
  const [name = '', count = ''] = text.split('=');
  const role = roster.find((each) => each.name === name);
  if (role?.kind !== 'service') {
    const services = roster.filter(({ kind }) => kind === 'service').map((each) => each.name);
    throw new Misuse(
      `--replicas ${text}: there is no service "${name}": there are ${services.join(', ')}`,
    );
  }
  const number = Number(count);
  if (Number.isInteger(number) && number >= 1 && number <= most) return [name, number];
  throw new Misuse(`--replicas ${text}: a service has 1 to ${most} processes`);
}

/** The command line that requests `action` for the same system. */
export function wordsOf(command: Command, action: Action): readonly string[] {
  const { replicas, brokers, port, freePorts, data } = command;
  return [
    action,
    ...[...replicas].map(([name, count]) => `--replicas=${name}=${count}`),
    ...(brokers === null ? [] : [`--brokers=${brokers}`]),
    ...(port === null ? [] : [`--port=${port}`]),
    ...(freePorts ? ['--free-ports'] : []),
    ...(data === null ? [] : [`--data=${data}`]),
  ];
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Misuse(`${name} ${text}: a port is a number from 0 to 65535`);
}

function checkName(name: string, given: string): void {
  if (roster.some((each) => each.name === name || each.name === given)) return;
  throw new Misuse(
    `there is no "${given}": there are ${roster.map((each) => each.name).join(', ')}`,
  );
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
