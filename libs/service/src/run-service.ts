import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { declaredTopology } from '@waybill/contracts/topology';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Brokers, type Group, groupsFrom } from '@waybill/messaging';
import { createLog, SparseWarnings } from '@waybill/observability';
import { type Running, runProcess } from '@waybill/resilience/process';
import { openBrokers } from './brokers/open-brokers.ts';
import { checkSettings } from './config/check-settings.ts';
import { processEnvironment } from './config/environment.config.ts';
import { hostConfig } from './config/host.config.ts';
import { type Environment, readSettings } from './config/read-settings.ts';
import { type Hosted, hosted } from './hosted.ts';
import { whenAble } from './own-process/when-able.ts';
import { runningService } from './prepare-service.ts';
import { declarationOf, type ServiceModuleClass } from './service-options.ts';

/** The parts from which `main.ts` makes the application of its service. */
export interface ServiceProcess extends Hosted {
  readonly host: string;
  readonly port: number;
  /** Keeps the application, so that it is closed if its start fails. */
  keep(app: NestFastifyApplication): NestFastifyApplication;
}

/** Makes the brokers of one service from its environment. */
export type BrokersOf = (
  env: Environment,
  service: string,
  onTrouble: (what: string, error: Error) => void,
) => Promise<Brokers>;

/**
 * Runs a service as its own process until SIGTERM or SIGINT, or until the process that started it by IPC is gone. Called by
 * `main.ts`. Startup waits for unavailable dependencies; other errors end the process with one line. `start` makes the
 * application and lets it listen; it is called again after each failed attempt.
 */
export async function runService(
  service: ServiceModuleClass,
  start: (made: ServiceProcess) => Promise<NestFastifyApplication>,
  brokersOf: BrokersOf = brokersOfEnvironment,
): Promise<void> {
  const declaration = declarationOf(service);
  const env = processEnvironment();
  await runProcess(declaration.name, async ({ say, stopped }) => {
    await checkSettings(declaration, env);
    const [{ startPatienceMs: patienceMs }] = readSettings(declaration.name, env, [hostConfig]);
    return whenAble(() => startOnce(service, start, brokersOf, say), { say, stopped, patienceMs });
  });
}

async function startOnce(
  service: ServiceModuleClass,
  start: (made: ServiceProcess) => Promise<NestFastifyApplication>,
  brokersOf: BrokersOf,
  say: (line: string) => void,
): Promise<Running> {
  const { name, port = 0 } = declarationOf(service);
  const env = processEnvironment();
  const [settings] = readSettings(name, env, [hostConfig]);
  const warnings = new SparseWarnings(createLog({ service: name, level: settings.logLevel }));
  const brokers = await brokersOf(env, name, (what, error) => warnings.warn(what, { error }, what));
  let kept: NestFastifyApplication | undefined;
  const declared = brokers.declare(groupsOfSystem(brokers, settings.groupPartitions));
  // Prevents an unhandled rejection; code that awaits `declared` still gets the error.
  declared.catch(() => undefined);
  try {
    const running = runningService(
      await start({
        ...hosted(service, { env, brokers, declared }),
        host: settings.host,
        port: settings.port ?? port,
        keep: (app) => {
          kept = app;
          return app;
        },
      }),
    );
    if (isAlone(brokers)) say('BROKERS=embedded: messages do not leave this process');
    return {
      url: running.url,
      leave: async () => {
        if (settings.drainDelayMs === 0) return;
        running.leave();
        await pause(settings.drainDelayMs);
      },
      close: () => running.close().finally(() => brokers.close()),
    };
  } catch (error) {
    // Waiting does not fix a broker's refusal, so its error takes precedence. The broker must reply before it is closed.
    const [refused] = await Promise.allSettled([declared]);
    await kept?.close().catch(() => undefined);
    await brokers.close().catch(() => undefined);
    throw refused.status === 'rejected' ? refused.reason : error;
  }
}

const brokersOfEnvironment: BrokersOf = (env, service, onTrouble) =>
  openBrokers(env, { service, embedded: () => embeddedBroker(), onTrouble });

/** On the embedded broker only the groups of this process, because no other process could ever confirm. */
const groupsOfSystem = (brokers: Brokers, partitions: number): readonly Group[] =>
  groupsFrom(declaredTopology(), partitions).filter(
    ({ kind }) => brokers.brokerFor(kind).name !== 'embedded',
  );

const isAlone = (brokers: Brokers): boolean =>
  brokers.all().some(({ name }) => name === 'embedded');
