import {
  type Broker,
  type Brokers,
  claimChecked,
  guaranteeing,
  type RequestBroker,
} from '@waybill/messaging';
import {
  type Environment,
  InvalidBrokerSettings,
  readBlobSettings,
  readCommonSettings,
  readServerSettings,
  type ServerName,
  serverNames,
} from './broker-settings.config.ts';
import { type BrokerMakers, brokersFrom } from './brokers-setting.ts';
import { blobsOf, type Connecting, makers } from './server-brokers.ts';

export interface OpenBrokersOptions {
  /** Who connects: shown by the brokers' own tools. */
  readonly service: string;
  /** Makes the embedded broker; without it no kind can be put there. */
  readonly embedded?: () => Broker;
  /** Makes who carries requests where the broker of commands does not: for a process in which all services live. */
  readonly requests?: () => RequestBroker;
  /** Told when a connection breaks or cannot be made again; default: nobody is told. */
  readonly onTrouble?: (what: string, error: Error) => void;
}

/**
 * The brokers that the environment's `BROKERS` names (default `embedded`), each with its own settings. Loads only the
 * libraries of those, and connects nothing yet. Rejects with `InvalidBrokers` for a setting that cannot be followed and
 * with `InvalidBrokerSettings` that tells everything that is missing or wrong, and no value.
 */
export async function openBrokers(env: Environment, options: OpenBrokersOptions): Promise<Brokers> {
  const { BROKERS, BROKER_NAMESPACE, WAYBILL_INSTANCE, PROFILE } = readCommonSettings(env);
  const { service, embedded, requests, onTrouble } = options;
  const connecting: Connecting = {
    service,
    profile: PROFILE,
    ...(WAYBILL_INSTANCE ? { instance: WAYBILL_INSTANCE } : {}),
    ...(BROKER_NAMESPACE ? { namespace: BROKER_NAMESPACE } : {}),
    ...(onTrouble ? { onTrouble } : {}),
  };
  const problems: string[] = [];
  /** What `read` answers; what it finds wrong is told with all else. */
  const noting = async <T>(read: () => Promise<T>, instead: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof InvalidBrokerSettings)) throw error;
      problems.push(...error.problems);
      return instead;
    }
  };
  const blobs = await noting(async () => {
    const settings = readBlobSettings(env);
    return settings ? blobsOf(settings) : undefined;
  }, undefined);
  const make = <N extends ServerName>(name: N): Promise<Broker> =>
    noting(async () => {
      const broker = await makers[name](readServerSettings(env, name), connecting);
      return claimChecked(broker, { blobs, onTrouble });
    }, standIn(name));
  const servers = serverNames.map((name) => [name, () => make(name)] as const);
  const known: BrokerMakers = { ...Object.fromEntries(servers), ...(embedded ? { embedded } : {}) };
  const brokers = await brokersFrom(BROKERS, known, requests);
  if (problems.length > 0) throw new InvalidBrokerSettings(BROKERS, problems);
  return brokers;
}

/** The brokers that a setting names for some kind. Rejects with `InvalidBrokers`; makes and reads nothing else. */
export async function brokersNamed(setting: string): Promise<readonly string[]> {
  return (await standIns(setting)).all().map(({ name }) => name);
}

/** Which broker carries a kind by this setting: its name and no more. Rejects with `InvalidBrokers`; makes nothing. */
export const routesOf = (setting: string): Promise<Pick<Brokers, 'brokerFor'>> => standIns(setting);

function standIns(setting: string): Promise<Brokers> {
  const servers = serverNames.map((name) => [name, () => standIn(name)] as const);
  const embedded = () => standIn('embedded');
  return brokersFrom(setting, { ...Object.fromEntries(servers), embedded });
}

/**
 * What is missing or wrong in the settings of the brokers that the environment names, a line each and no value: what
 * `openBrokers` would refuse. Makes nothing.
 */
export async function brokerProblems(env: Environment): Promise<readonly string[]> {
  try {
    const named = await brokersNamed(readCommonSettings(env).BROKERS);
    const servers = serverNames.filter((name) => named.includes(name));
    return [
      ...wrongWith(() => readBlobSettings(env)),
      ...servers.flatMap((name) => wrongWith(() => readServerSettings(env, name))),
    ];
  } catch (error) {
    return error instanceof InvalidBrokerSettings ? error.problems : [(error as Error).message];
  }
}

function wrongWith(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof InvalidBrokerSettings) return error.problems;
    throw error;
  }
}

/** Takes the place of a broker that cannot be made, so that what the others lack is found too; it is never used. */
function standIn(name: ServerName | 'embedded'): Broker {
  const guarantees =
    name === 'redis'
      ? guaranteeing()
      : name === 'rabbitmq' || name === 'embedded'
        ? guaranteeing('durable', 'orderedPerKey', 'requests')
        : guaranteeing('durable', 'orderedPerKey');
  return { name, guarantees } as Broker;
}
