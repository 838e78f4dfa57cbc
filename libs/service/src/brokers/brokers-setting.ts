import {
  type Broker,
  Brokers,
  type CarriedKind,
  carriedKinds,
  carriesRequests,
  neededGuarantees,
  type RequestBroker,
} from '@waybill/messaging';

/** Every broker name that `BROKERS` accepts. */
export const brokerNames = ['embedded', 'kafka', 'rabbitmq', 'sns-sqs', 'redis'] as const;
export type BrokerName = (typeof brokerNames)[number];

const mixed: Readonly<Record<CarriedKind, BrokerName>> = {
  event: 'kafka',
  command: 'rabbitmq',
  reply: 'rabbitmq',
  task: 'rabbitmq',
  announcement: 'sns-sqs',
  activity: 'kafka',
  live: 'redis',
};

/** Makes brokers by name and loads their libraries on demand. Making a broker does not connect it. */
export type BrokerMakers = Readonly<Partial<Record<BrokerName, () => Broker | Promise<Broker>>>>;

/** The setting `BROKERS` is invalid; the message gives the reason in one line. */
export class InvalidBrokers extends Error {
  readonly code = 'invalid_brokers';
  readonly retriable = false;
  constructor(setting: string, reason: string) {
    super(`BROKERS=${setting}: ${reason}`);
    this.name = 'InvalidBrokers';
  }
}

/**
 * Reads the setting `BROKERS`: `embedded`, `mixed`, a broker's name (for every kind that it can carry), or
 * `kind:broker,…` on top of these; a kind that is not named goes where `mixed` puts it. Requests use the broker of commands
 * if it can carry them, else the result of `requests`, if given; confidential ones only a broker without a server. Rejects with `InvalidBrokers` for an unknown
 * name or kind, and for a broker that lacks a guarantee that a kind needs.
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
  const carried = commands && carriesRequests(commands) && !commands.state;
  return new Brokers(routes, carried ? null : (requests?.() ?? null));
}

const lacking = (broker: Broker, kind: CarriedKind): readonly string[] =>
  neededGuarantees[kind].filter((guarantee) => !broker.guarantees[guarantee]);

/** The brokers that carry every kind they can, and the brokers that are named for one kind. */
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
