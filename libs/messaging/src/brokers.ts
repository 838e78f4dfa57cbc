import type { Contract, Kind } from '@waybill/message';
import {
  type Broker,
  carriesRequests,
  type Group,
  type Guarantees,
  type RequestBroker,
} from './broker.ts';
import type { DeadRow } from './store.ts';

/** Kinds that a broker delivers to groups. Requests are routed separately; local messages stay in their process. */
export type CarriedKind = Exclude<Kind, 'request' | 'local'>;

/** The guarantees that a kind needs of its broker; a broker without them is refused at startup. */
export const neededGuarantees: Readonly<Record<CarriedKind, readonly (keyof Guarantees)[]>> = {
  event: ['durable', 'orderedPerKey'],
  command: ['durable', 'orderedPerKey'],
  reply: ['durable', 'orderedPerKey'],
  task: ['durable'],
  announcement: ['durable'],
  activity: ['durable', 'orderedPerKey'],
  live: [],
};

/** Every kind that a broker delivers to groups. */
export const carriedKinds = Object.keys(neededGuarantees) as readonly CarriedKind[];

/** The brokers of a process, and the broker of each kind. */
export class Brokers {
  readonly #routes: ReadonlyMap<CarriedKind, Broker>;
  readonly #all: readonly Broker[];
  readonly #given: RequestBroker | null;
  /** The broker for requests; null if this process has none. */
  readonly requests: RequestBroker | null;
  /** The broker for confidential requests, which has no server; null if this process has none. */
  readonly direct: RequestBroker | null;

  /** `requests`: a broker without a server, for requests that the broker of commands does not carry or must not. */
  constructor(routes: ReadonlyMap<CarriedKind, Broker>, requests: RequestBroker | null = null) {
    this.#routes = routes;
    this.#given = requests;
    this.#all = [...new Set(routes.values())];
    const commands = routes.get('command');
    const ofCommands = commands && carriesRequests(commands) ? commands : null;
    this.requests = ofCommands ?? requests;
    this.direct = ofCommands && !ofCommands.state ? ofCommands : requests;
  }

  /** The same routes over what `wrap` makes of each broker. Requests that need no server stay as they are. */
  map(wrap: (broker: Broker) => Broker): Brokers {
    const wrapped = new Map(this.#all.map((broker) => [broker, wrap(broker)]));
    const routes = [...this.#routes].map(
      ([kind, broker]) => [kind, wrapped.get(broker) ?? broker] as const,
    );
    return new Brokers(new Map(routes), this.#given);
  }

  /** The broker of a request; null if this process has none that may carry it. */
  brokerOf({ confidential }: Pick<Contract, 'confidential'>): RequestBroker | null {
    return confidential ? this.direct : this.requests;
  }

  /** The broker of a kind; throws a `TypeError` for `local` and `request`, which are not delivered to groups. */
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

  /** Passes dead letters to the brokers of their groups, once they are stored durably. */
  deadLettered(groups: readonly Group[], letters: readonly DeadRow[]): void {
    for (const { name, kind } of groups) {
      const own = letters.filter(({ group }) => group === name);
      if (own.length > 0) this.brokerFor(kind).deadLettered?.(own);
    }
  }

  /** Closes every broker, even if one fails; throws an `AggregateError` of the failures. */
  async close(): Promise<void> {
    const answering = [this.requests, this.direct].filter((each) => each !== null);
    const every = new Set([...this.#all, ...answering]);
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

/** Routes every kind to one broker. */
export const oneBroker = (broker: Broker): Brokers =>
  new Brokers(new Map(carriedKinds.map((kind) => [kind, broker])));
