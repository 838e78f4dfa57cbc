import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { type ServerName, type TemporaryStack, temporaryStack } from '@waybill/stack';
import { eventually } from './eventually.ts';
import type { Settings } from './main-process.ts';

const names = ['kafka', 'rabbitmq', 'sns-sqs', 'redis'] as const;
type OwnBroker = (typeof names)[number];

/** Debian's script without the wrapper that allows only two users, and the usual one elsewhere. */
const controls = ['/usr/lib/rabbitmq/bin/rabbitmqctl', 'rabbitmqctl'];

/** Brokers of a single test, which it may stop, kill and restart without affecting others. */
export class OwnBrokers {
  private constructor(private readonly own: TemporaryStack) {}

  /** Resolves when all four serve clients. */
  static async start(): Promise<OwnBrokers> {
    const brokers = new OwnBrokers(temporaryStack());
    try {
      await brokers.up(names, true);
      return brokers;
    } catch (error) {
      await brokers.dispose();
      throw error;
    }
  }

  /** Their addresses, as settings of services. */
  get env(): Settings {
    return this.own.stack.environment();
  }

  /** Stops it as its operator would. */
  async stop(name: OwnBroker): Promise<void> {
    await this.own.stack.down([name]);
  }

  /** `kill -9`; it stays down until `start`. */
  kill(name: OwnBroker): Promise<void> {
    return this.own.stack.kill(name);
  }

  /** It keeps its connections and does not respond until it is thawed. */
  freeze(name: OwnBroker): Promise<void> {
    return this.own.stack.signal(name, 'SIGSTOP');
  }

  thaw(name: OwnBroker): Promise<void> {
    return this.own.stack.signal(name, 'SIGCONT');
  }

  /** Resolves when it serves clients again, on the same ports. */
  start(name: OwnBroker): Promise<void> {
    return this.up([name], false);
  }

  /** RabbitMQ's disk alarm, during which it stops reading from publishers. Resolves when the alarm is on, or off. */
  async diskAlarm(on: boolean): Promise<void> {
    await this.rabbitmqctl('set_disk_free_limit', on ? '100000GB' : '1MB');
    await eventually(`the alarm is ${on ? 'on' : 'off'}`, async () => {
      const alarms = await this.rabbitmqctl('eval', 'rabbit_alarm:get_alarms().');
      return alarms.includes('resource_limit') === on;
    });
  }

  /** Ends them and removes their data. */
  dispose(): Promise<void> {
    return this.own.remove();
  }

  private async up(some: readonly ServerName[], freePorts: boolean): Promise<void> {
    const troubles = await this.own.stack.up(some, { freePorts });
    const told = troubles.map(({ server, reason }) => `${server}: ${reason}`).join('\n');
    if (told) throw new Error(told);
  }

  private async rabbitmqctl(...words: readonly string[]): Promise<string> {
    const folder = join(this.own.stack.folder, 'rabbitmq');
    const [status] = await this.own.stack.status(['rabbitmq']);
    const { uid, gid } = statSync(join(folder, 'data'));
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: String(status?.ports['epmd']),
    };
    const control =
      controls.find((path) => statSync(path, { throwIfNoEntry: false })) ?? controls[1];
    const options = { env, uid, gid, cwd: folder };
    const all = ['-n', 'waybill@localhost', ...words];
    return (await promisify(execFile)(control as string, all, options)).stdout;
  }
}
