import type { ServerName } from '@waybill/stack';
import type { Driver } from './driver.ts';
import type { Servers } from './servers.ts';
import type { MeasuredBrokers } from './transports/open-transport.ts';

/** The server that every order needs. */
const carrier: Readonly<Partial<Record<MeasuredBrokers, ServerName>>> = {
  kafka: 'kafka',
  rabbitmq: 'rabbitmq',
  mixed: 'rabbitmq',
};

/** Orders per second from a killed broker's return until all orders accepted while it was down are complete; null without one. */
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
