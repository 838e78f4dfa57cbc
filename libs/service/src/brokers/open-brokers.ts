import {
  type BlobStore,
  type Broker,
  type Brokers,
  claimChecked,
  every,
  guaranteeing,
  type RequestBroker,
  systemClock,
} from '@waybill/messaging';
import type { Environment } from '../config/environment.ts';
import {
  InvalidBrokerSettings,
  type LogBounds,
  readBlobSettings,
  readCommonSettings,
  readLogBounds,
  readServerSettings,
  type ServerName,
  serverNames,
} from './broker-settings.config.ts';
import { type BrokerMakers, brokersFrom } from './brokers-setting.ts';
import { type Connecting, claimsOf, makers } from './server-brokers.ts';

export interface OpenBrokersOptions {
  /** The name of the client, as shown by the brokers' own tools. */
  readonly service: string;
  /** Makes the embedded broker, which may keep so much on disk; without it, no kind can use `embedded`. */
  readonly embedded?: (bounds: LogBounds) => Broker | Promise<Broker>;
  /** Makes the carrier of requests if the broker of commands carries none: for a process that runs all services. */
  readonly requests?: () => RequestBroker;
  /** Called when a connection breaks or a reconnect fails; default: ignored. */
  readonly onTrouble?: (what: string, error: Error) => void;
}

/**
 * Opens the brokers that the environment's `BROKERS` names (default `embedded`), each with its own settings. Loads only their
 * libraries, and does not connect yet. Rejects with `InvalidBrokers` for an invalid `BROKERS`, and with
 * `InvalidBrokerSettings`, which lists all missing or invalid settings without their values.
 */
export async function openBrokers(env: Environment, options: OpenBrokersOptions): Promise<Brokers> {
  const common = readCommonSettings(env);
  const { BROKERS, BROKER_NAMESPACE, WAYBILL_INSTANCE, PROFILE } = common;
  const { service, embedded, requests, onTrouble } = options;
  const connecting: Connecting = {
    service,
    profile: PROFILE,
    ...(WAYBILL_INSTANCE ? { instance: WAYBILL_INSTANCE } : {}),
    ...(BROKER_NAMESPACE ? { namespace: BROKER_NAMESPACE } : {}),
    ...(onTrouble ? { onTrouble } : {}),
  };
  const problems: string[] = [];
  /** The result of `read`; its problems are collected and reported with all others. */
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
    return settings ? claimsOf(settings) : undefined;
  }, undefined);
  const make = <N extends ServerName>(name: N): Promise<Broker> =>
    noting(async () => {
      const broker = await makers[name](readServerSettings(env, name), connecting);
      return claimChecked(broker, {
        blobs,
        onTrouble,
        codecs: common.CODECS,
        compressAbove: common.COMPRESS_ABOVE_BYTES,
        storeAbove: common.CLAIM_CHECK_ABOVE_BYTES,
      });
    }, standIn(name));
  const servers = serverNames.map((name) => [name, () => make(name)] as const);
  const makeEmbedded = embedded && {
    embedded: () => noting(async () => embedded(readLogBounds(env)), standIn('embedded')),
  };
  const known: BrokerMakers = { ...Object.fromEntries(servers), ...makeEmbedded };
  const brokers = await brokersFrom(BROKERS, known, requests);
  if (problems.length > 0) throw new InvalidBrokerSettings(BROKERS, problems);
  if (blobs) removeOldClaims(blobs, common.CLAIM_CHECK_DAYS, onTrouble);
  return brokers;
}

const hour = 3_600_000;

/** At once and every hour, until the process ends. All groups have read the removed bodies, or never will. */
function removeOldClaims(
  blobs: BlobStore,
  days: number,
  onTrouble: OpenBrokersOptions['onTrouble'],
): void {
  const remove = async () =>
    blobs.removePutBefore?.(new Date(systemClock.now().getTime() - days * 24 * hour));
  const failed = (error: unknown) => onTrouble?.('removing old bodies of messages', error as Error);
  // A process that is restarted more often than every hour would remove nothing otherwise.
  void remove().catch(failed);
  every(systemClock, hour, remove, failed);
}

/** The names of the brokers that a setting uses for some kind. Rejects with `InvalidBrokers`; makes no broker. */
export async function brokersNamed(setting: string): Promise<readonly string[]> {
  return (await standIns(setting)).all().map(({ name }) => name);
}

/** The broker of each kind by this setting, with nothing but its name. Rejects with `InvalidBrokers`; makes no broker. */
export const routesOf = (setting: string): Promise<Pick<Brokers, 'brokerFor'>> => standIns(setting);

function standIns(setting: string): Promise<Brokers> {
  const servers = serverNames.map((name) => [name, () => standIn(name)] as const);
  const embedded = () => standIn('embedded');
  return brokersFrom(setting, { ...Object.fromEntries(servers), embedded });
}

/**
 * The missing or invalid broker settings of the environment, one line each without values: everything for which
 * `openBrokers` would reject. Makes no broker.
 */
export async function brokerProblems(env: Environment): Promise<readonly string[]> {
  try {
    const named = await brokersNamed(readCommonSettings(env).BROKERS);
    const servers = serverNames.filter((name) => named.includes(name));
    return [
      ...wrongWith(() => readBlobSettings(env)),
      ...(named.includes('embedded') ? wrongWith(() => readLogBounds(env)) : []),
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

/** Replaces a broker that cannot be made, so that the problems of the other brokers are found too; it is never used. */
function standIn(name: ServerName | 'embedded'): Broker {
  const guarantees =
    name === 'redis'
      ? guaranteeing()
      : name === 'rabbitmq' || name === 'embedded'
        ? guaranteeing('durable', 'orderedPerKey', 'requests')
        : guaranteeing('durable', 'orderedPerKey');
  return { name, guarantees } as Broker;
}
