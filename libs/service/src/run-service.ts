import { openBrokers } from '@waybill/brokers';
import { embeddedBroker } from '@waybill/messaging';
import { runProcess } from '@waybill/resilience/process';
import { processEnvironment } from './config/environment.config.ts';
import { type BrokersOf, startWhenAble } from './own-process/start-when-able.ts';
import type { ServiceDefinition } from './service-definition.ts';

/**
 * Runs a service as its own process until SIGTERM or SIGINT, or until the process that started it by IPC is gone: what
 * `main.ts` calls. What is not there yet is waited for; what cannot be right ends the process with one line.
 */
export async function runService<C>(
  definition: ServiceDefinition<C>,
  brokersOf: BrokersOf = brokersOfEnvironment,
): Promise<void> {
  const { name } = definition;
  await runProcess(name, ({ say, stopped }) =>
    startWhenAble({ definition, env: processEnvironment(), brokersOf, say, stopped }),
  );
}

const brokersOfEnvironment: BrokersOf = (env, service, onTrouble) =>
  openBrokers(env, { service, embedded: () => embeddedBroker(), onTrouble });
