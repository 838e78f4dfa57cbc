import type { ServerName } from '@waybill/stack';
import type { Driver } from './driver.ts';
import type { Servers } from './servers.ts';
import type { MeasuredBrokers } from './transports/open-transport.ts';

/** The server without which no order goes on. */
const carrier: Readonly<Partial<Record<MeasuredBrokers, ServerName>>> = {
  kafka: 'kafka',
  rabbitmq: 'rabbitmq',
  mixed: 'rabbitmq',
};

/** Orders a second from when a killed broker is back until all that were accepted meanwhile are complete; null where none can be killed. */
export async function drainedPerSecond(
  brokers: MeasuredBrokers,
  waiting: number,
  driver: Driver,
  servers: Pick<Servers, 'isOwn' | 'kill' | 'start'>,
): Promise<number | null> {
  const server = carrier[brokers];
  if (waiting === 0 || !server || !servers.isOwn(server)) return null;
  await servers.kill(server);
  await driver.place(waiting);
  await servers.start(server);
  const started = performance.now();
  await driver.data.untilCompleted();
  return waiting / ((performance.now() - started) / 1000);
}
