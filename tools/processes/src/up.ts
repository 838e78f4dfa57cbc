import process from 'node:process';
import { banner } from '@waybill/all-in-one/banner';
import { brokersNamed } from '@waybill/service';
import { parsePorts, type ServerName } from '@waybill/stack';
import type { Command } from './arguments.ts';
import { aborted, onSignal } from './interrupt.ts';
import { type System, startSystem } from './system.ts';

/** The exit code of an interrupted command. */
const interrupted = 130;
const say = (line: string): void => void process.stderr.write(`waybill: ${line}\n`);

/** `npm start -- --brokers …`: runs servers and services until Ctrl-C, which stops all of them in order. */
export async function up(command: Command, system: System): Promise<number> {
  const began = performance.now();
  const stopped = onSignal(
    () => say('stopping'),
    () => {
      say('interrupted; servers that still run are ended by npm run stack -- down');
      process.exit(interrupted);
    },
  );
  const { stack } = system;
  const lacking = await serversFor(system);
  const ended = (await stack.status(lacking)).filter(({ state }) => state !== 'up');
  const ours = ended.map(({ name }) => name);
  const down = async (): Promise<void> => {
    if (ours.length > 0) await stack.down(ours);
  };
  try {
    const troubles = await stack.up(ours, {
      ports: parsePorts(system.given['STACK_PORTS'] ?? ''),
      freePorts: command.freePorts,
      progress: (server, line) => say(`${server}: ${line}`),
    });
    stopped.throwIfAborted();
    if (troubles.length > 0)
      throw new Error(troubles.map((each) => `${each.server}: ${each.reason}`).join('\n'));
    const supervisor = await startSystem(command, system, say, stopped);
    process.stdout.write(banner(supervisor.url, (performance.now() - began) / 1_000));
    process.stdout.write(`What each process writes is in ${system.folder.path}.\n`);
    await aborted(stopped);
    await supervisor.stop();
    return 0;
  } catch (error) {
    if (stopped.aborted) return interrupted;
    throw error;
  } finally {
    await down();
  }
}

const givenBy: Readonly<Record<ServerName, readonly string[]>> = {
  postgres: ['DATABASE_URL'],
  kafka: ['KAFKA_BROKERS'],
  rabbitmq: ['RABBITMQ_URL'],
  'sns-sqs': ['AWS_ENDPOINT_URL', 'AWS_REGION'],
  redis: ['REDIS_URL'],
};

/** The servers that the brokers need and that the environment does not specify. */
async function serversFor({ brokers, given }: System): Promise<readonly ServerName[]> {
  const named = await brokersNamed(brokers);
  const needed = (['postgres', ...named] as readonly ServerName[]).filter(
    (name) => givenBy[name] !== undefined,
  );
  return needed.filter((name) => givenBy[name].every((variable) => !given[variable]));
}
