import process from 'node:process';
import {
  processOn,
  type ServerName,
  type TemporaryStack,
  type Trouble,
  temporaryStack,
} from '@waybill/stack';
import type { Part } from './parts.ts';
import type { Addresses, MeasuredBrokers } from './transports/open-transport.ts';

interface Server {
  readonly name: ServerName;
  /** The setting with its address. */
  readonly setting: string;
  /** The brokers that need it. */
  readonly of: readonly MeasuredBrokers[];
}

const servers: readonly Server[] = [
  { name: 'kafka', setting: 'KAFKA_BROKERS', of: ['kafka', 'mixed'] },
  { name: 'rabbitmq', setting: 'RABBITMQ_URL', of: ['rabbitmq', 'mixed'] },
  { name: 'sns-sqs', setting: 'AWS_ENDPOINT_URL', of: ['sns-sqs', 'mixed'] },
  { name: 'redis', setting: 'REDIS_URL', of: ['mixed'] },
];

/** The servers of a run: those given by address; the missing ones are started and removed at the end. */
export class Servers {
  private constructor(
    readonly addresses: Addresses,
    private readonly own: TemporaryStack | null,
    private readonly started: readonly ServerName[],
    /** Why servers could not be started. */
    readonly troubles: readonly Trouble[],
  ) {}

  /** Those that brokers need; rejects when one cannot be started. */
  static async for(
    brokers: readonly MeasuredBrokers[],
    given: Addresses,
    say: (line: string) => void,
  ): Promise<Servers> {
    const needed = servers.filter(({ of }) => of.some((each) => brokers.includes(each)));
    const opened = await Servers.open(
      needed.map(({ name }) => name),
      given,
      say,
    );
    if (opened.troubles.length === 0) return opened;
    await opened.remove();
    throw new Error(opened.troubles.map(({ server, reason }) => `${server}: ${reason}`).join('\n'));
  }

  /** Those that are named; one that cannot be started is among the troubles. */
  static async open(
    names: readonly ServerName[],
    given: Addresses,
    say: (line: string) => void,
  ): Promise<Servers> {
    const missing = servers
      .filter(({ name, setting }) => names.includes(name) && !given[setting])
      .map(({ name }) => name);
    if (missing.length === 0) return new Servers(given, null, [], []);
    say(`starting ${missing.join(', ')} for this run`);
    const own = temporaryStack();
    const troubles = await own.stack.up(missing, { freePorts: true });
    const started = missing.filter((name) => troubles.every(({ server }) => server !== name));
    const addresses = { ...given, ...own.stack.environment() };
    return new Servers(addresses, own, started, troubles);
  }

  /** The processes of the servers that run on this machine. */
  parts(): readonly Part[] {
    return servers.flatMap(({ name, setting }) => {
      const port = portOf(this.addresses[setting]);
      const pid = port === null ? undefined : processOn(port);
      return pid === undefined || pid === process.pid ? [] : [{ name, pid, children: true }];
    });
  }

  /** Whether it was started for this run and may be killed. */
  isOwn(name: ServerName): boolean {
    return this.started.includes(name);
  }

  async kill(name: ServerName): Promise<void> {
    await this.own?.stack.kill(name);
  }

  /** Restarts a killed server; resolves when it is ready. */
  async start(name: ServerName): Promise<void> {
    const [trouble] = (await this.own?.stack.up([name], { freePorts: true })) ?? [];
    if (trouble) throw new Error(`${trouble.server}: ${trouble.reason}`);
  }

  async remove(): Promise<void> {
    await this.own?.remove();
  }
}

function portOf(address: string | undefined): number | null {
  const found = /:(\d+)(?:[/,?]|$)/.exec(address ?? '');
  return found ? Number(found[1]) : null;
}
