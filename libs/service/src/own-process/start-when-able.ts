import { setTimeout as pause } from 'node:timers/promises';
import { declaredTopology } from '@waybill/contracts/topology';
import { type Brokers, type Group, groupsFrom } from '@waybill/messaging';
import type { Running } from '@waybill/resilience/process';
import { checkSettings } from '../config/check-settings.ts';
import { hostConfig } from '../config/host.config.ts';
import { type Environment, readSettings } from '../config/read-settings.ts';
import { createLog } from '../observe/log.ts';
import { SparseWarnings } from '../observe/sparse-warnings.ts';
import { startService } from '../prepare-service.ts';
import type { ServiceDefinition } from '../service-definition.ts';
import { whenAble } from './when-able.ts';

/** Makes the brokers of one service from the environment. */
export type BrokersOf = (
  env: Environment,
  service: string,
  onTrouble: (what: string, error: Error) => void,
) => Promise<Brokers>;

export interface Start<C> {
  readonly definition: ServiceDefinition<C>;
  readonly env: Environment;
  readonly brokersOf: BrokersOf;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
  /** Ends the waiting. */
  readonly stopped: AbortSignal;
}

/**
 * Starts a service alone, on the groups of all services, so that its relay knows who hears what it says. A database or
 * broker that is not up yet is waited for; rejects when something is wrong that waiting does not mend.
 */
export async function startWhenAble<C>(start: Start<C>): Promise<Running> {
  const { definition, env, say, stopped } = start;
  await checkSettings(definition, env);
  const [{ startPatienceMs: patienceMs }] = readSettings(definition.name, env, [hostConfig]);
  return whenAble(() => startOnce(start), { say, stopped, patienceMs });
}

async function startOnce<C>({ definition, env, brokersOf, say }: Start<C>): Promise<Running> {
  const [settings] = readSettings(definition.name, env, [hostConfig]);
  const log = createLog({ service: definition.name, level: settings.logLevel });
  const warnings = new SparseWarnings(log);
  const brokers = await brokersOf(env, definition.name, (what, error) =>
    warnings.warn(what, { error }, what),
  );
  try {
    const others = groupsOfSystem(brokers, settings.groupShards);
    const service = await startService(definition, { env, brokers }, { others });
    if (isAlone(brokers))
      say('BROKERS=embedded: this process alone is the whole system, nobody else hears it');
    return {
      url: service.url,
      leave: async () => {
        if (settings.drainDelayMs === 0) return;
        service.leave();
        await pause(settings.drainDelayMs);
      },
      close: async () => {
        await service.close();
        await brokers.close();
      },
    };
  } catch (error) {
    await brokers.close().catch(() => undefined);
    throw error;
  }
}

/** On the embedded broker only those of this process: nobody else could ever confirm. */
const groupsOfSystem = (brokers: Brokers, shards: number): readonly Group[] =>
  groupsFrom(declaredTopology(), shards).filter(
    ({ kind }) => brokers.brokerFor(kind).name !== 'embedded',
  );

const isAlone = (brokers: Brokers): boolean =>
  brokers.all().some(({ name }) => name === 'embedded');
