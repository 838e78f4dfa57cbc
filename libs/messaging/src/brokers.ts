import type { Kind } from '@waybill/message';
import {
  type Broker,
  carriesRequests,
  type Group,
  type Guarantees,
  type RequestBroker,
} from './broker.ts';
import type { DeadRow } from './store.ts';

/** Kinds that a broker carries to groups. Requests go by ways of their own; local messages stay at home. */
export type CarriedKind = Exclude<Kind, 'request' | 'local'>;

/** Every broker that the setting may name. */
export const brokerNames = ['embedded', 'kafka', 'rabbitmq', 'sns-sqs', 'redis'] as const;
export type BrokerName = (typeof brokerNames)[number];

/** What a kind needs of its broker; a broker without it is refused at start-up. */
export const neededGuarantees: Readonly<Record<CarriedKind, readonly (keyof Guarantees)[]>> = {
  event: ['durable', 'orderedPerKey'],
  command: ['durable', 'orderedPerKey'],
  reply: ['durable', 'orderedPerKey'],
  task: ['durable'],
  announcement: ['durable'],
  activity: ['durable', 'orderedPerKey'],
  live: [],
};

const mixed: Readonly<Record<CarriedKind, BrokerName>> = {
  event: 'kafka',
  command: 'rabbitmq',
  reply: 'rabbitmq',
  task: 'rabbitmq',
  announcement: 'sns-sqs',
  activity: 'kafka',
  live: 'redis',
};
const carriedKinds = Object.keys(mixed) as readonly CarriedKind[];

/** Makes brokers by name, loading their libraries where needed. Making one does not connect it yet. */
export type BrokerMakers = Readonly<Partial<Record<BrokerName, () => Broker | Promise<Broker>>>>;

/** The setting `BROKERS` cannot be followed; the message says why in one line. */
export class InvalidBrokers extends Error {
  readonly code = 'invalid_brokers';
  readonly retriable = false;
  constructor(setting: string, reason: string) {
    super(`BROKERS=${setting}: ${reason}`);
    this.name = 'InvalidBrokers';
  }
}

/** The brokers of a process, and which of them carries a kind. */
export class Brokers {
  readonly #routes: ReadonlyMap<CarriedKind, Broker>;
  readonly #all: readonly Broker[];
  /** Carries requests; null where nobody in this process can. */
  readonly requests: RequestBroker | null;

  /** `requests`: who carries them, unless the broker of commands can. */
  constructor(routes: ReadonlyMap<CarriedKind, Broker>, requests: RequestBroker | null = null) {
    this.#routes = routes;
    this.#all = [...new Set(routes.values())];
    const commands = routes.get('command');
    this.requests = commands && carriesRequests(commands) ? commands : requests;
  }

  /** The broker that carries a kind to groups; a `local` message has none, and requests are not for groups. */
  brokerFor(kind: Kind): Broker {
    const found = this.#routes.get(kind as CarriedKind);
    if (!found) throw new TypeError(`no broker carries messages of kind ${kind}`);
    return found;
  }

  /** Each broker that carries a kind, once. */
  all(): readonly Broker[] {
    return this.#all;
  }

  /** Declares every group on the broker of its kind. */
  async declare(groups: readonly Group[]): Promise<void> {
    await Promise.all(
      this.#all.map((broker) =>
        broker.declare(groups.filter((group) => this.brokerFor(group.kind) === broker)),
      ),
    );
  }

  /** Tells each broker of the dead letters of its groups, once they are safely stored. */
  buried(groups: readonly Group[], letters: readonly DeadRow[]): void {
    for (const { name, kind } of groups) {
      const own = letters.filter(({ group }) => group === name);
      if (own.length > 0) this.brokerFor(kind).buried?.(own);
    }
  }

  /** Closes every broker, also when one of them fails to. */
  async close(): Promise<void> {
    const every = new Set([...this.#all, ...(this.requests ? [this.requests] : [])]);
    const closed = await Promise.allSettled([...every].map((broker) => broker.close()));
    const failed = closed.filter((result) => result.status === 'rejected');
    if (failed.length > 0) {
      throw new AggregateError(
        failed.map((result) => result.reason),
        'a broker did not close',
      );
    }
  }
}

/** Puts every kind on one broker. */
export const oneBroker = (broker: Broker): Brokers =>
  new Brokers(new Map(carriedKinds.map((kind) => [kind, broker])));

/**
 * Reads the setting `BROKERS`: `embedded`, `mixed`, a broker's name (every kind that it can carry), or
 * `kind:broker,…` on top of these; what is not named goes where `mixed` puts it. Requests travel with the commands where
 * their broker can, else by what `requests` makes, if it is given. Rejects with `InvalidBrokers` for a
 * name or kind that does not exist, and for a broker that lacks what a kind needs.
 */
export async function brokersFrom(
  setting: string,
  makers: BrokerMakers,
  requests?: () => RequestBroker,
): Promise<Brokers> {
  const made = new Map<BrokerName, Broker>();
  const brokerOf = async (name: BrokerName): Promise<Broker> => {
    const known = made.get(name) ?? (await makers[name]?.());
    if (!known) throw unavailable(setting, name, makers);
    made.set(name, known);
    return known;
  };
  const { whole, single } = wordsOf(setting);
  const names = { ...mixed };
  for (const name of whole) {
    const broker = await brokerOf(name);
    for (const kind of carriedKinds) if (lacking(broker, kind).length === 0) names[kind] = name;
  }
  Object.assign(names, single);
  const routes = new Map<CarriedKind, Broker>();
  for (const kind of carriedKinds) {
    const broker = await brokerOf(names[kind]);
    const lacks = lacking(broker, kind);
    if (lacks.length > 0) {
      throw new InvalidBrokers(
        setting,
        `${broker.name} cannot carry ${kind}, it lacks ${lacks.join(' and ')}`,
      );
    }
    routes.set(kind, broker);
  }
  const commands = routes.get('command');
  const carried = commands && carriesRequests(commands);
  return new Brokers(routes, carried ? null : (requests?.() ?? null));
}

const lacking = (broker: Broker, kind: CarriedKind): readonly string[] =>
  neededGuarantees[kind].filter((guarantee) => !broker.guarantees[guarantee]);

/** The brokers that are to carry all they can, and those that are named for one kind. */
function wordsOf(setting: string): {
  readonly whole: readonly BrokerName[];
  readonly single: Partial<Record<CarriedKind, BrokerName>>;
} {
  const entries = setting.split(',').map((entry) => entry.trim());
  const whole = entries.filter((each) => !each.includes(':') && each !== 'mixed');
  const single: Partial<Record<CarriedKind, BrokerName>> = {};
  for (const entry of entries.filter((each) => each.includes(':'))) {
    const [kind = '', name = ''] = entry.split(':').map((word) => word.trim());
    if (!carriedKinds.includes(kind as CarriedKind)) {
      throw new InvalidBrokers(
        setting,
        `there is no kind "${kind}"; kinds are ${carriedKinds.join(', ')}`,
      );
    }
    single[kind as CarriedKind] = brokerName(setting, name);
  }
  return { whole: whole.map((name) => brokerName(setting, name)), single };
}

function brokerName(setting: string, name: string): BrokerName {
  if (brokerNames.includes(name as BrokerName)) return name as BrokerName;
  throw new InvalidBrokers(
    setting,
    `there is no broker "${name}"; brokers are ${brokerNames.join(', ')}`,
  );
}

const unavailable = (setting: string, name: BrokerName, makers: BrokerMakers): InvalidBrokers =>
  new InvalidBrokers(
    setting,
    `it needs ${name}, but this release has only ${Object.keys(makers).join(', ')}; use BROKERS=embedded`,
  );
