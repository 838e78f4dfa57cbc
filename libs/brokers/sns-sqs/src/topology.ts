import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { type Binding, type Group } from '@waybill/messaging';
import type { Connection } from './connection.ts';
import { type Selection, selectionOf } from './filter-policy.ts';
import { isOrdered, type Names } from './names.ts';
import type { Knobs } from './options.ts';
import { hasAll, type Queue, Queues } from './queues.ts';
import type { Topics } from './topics.ts';

/** A group in SNS and SQS. */
export interface Home {
  readonly name: string;
  readonly partitions: number;
  readonly queue: Queue;
  /** Messages that the queue gave up on. */
  readonly dead: Queue;
  /** Contains a token of each partition; who holds it owns the partition. */
  readonly owners: Queue;
  /** Contains the seats of the consumers. */
  readonly members: Queue;
  /** By channel. */
  readonly selections: ReadonlyMap<string, Selection>;
}

/** Ten days in a queue, fourteen in a dead queue, because there the time counts from the first send. */
const kept = { queue: 864_000, dead: 1_209_600 } as const;

/** Topics, queues and subscriptions. Keeps all declarations, so that missing parts can be recreated. */
export class Topology {
  readonly #groups = new Map<string, Map<Group['kind'], Group>>();
  readonly #homes = new Map<string, Home>();
  readonly #queues: Queues;
  #turn: Promise<unknown> = Promise.resolve();
  #healing: Promise<void> | null = null;

  constructor(
    private readonly connection: Connection,
    private readonly names: Names,
    private readonly knobs: Knobs,
    readonly topics: Topics,
  ) {
    this.#queues = new Queues(connection);
  }

  get homes(): readonly Home[] {
    return [...this.#homes.values()];
  }

  homeOf(group: string): Home {
    const home = this.#homes.get(group);
    if (!home) throw new TypeError(`group ${group} is not declared`);
    return home;
  }

  /** Declarations run one after another, because they change the same queues. */
  declare(groups: readonly Group[]): Promise<void> {
    const declared = this.#turn.then(async () => {
      const names = [...new Set(groups.map(({ name }) => name))];
      const ofName = (name: string) => groups.filter((group) => group.name === name);
      await Promise.all(names.map((name) => this.#declareInTurn(ofName(name))));
    });
    this.#turn = declared.catch(() => undefined);
    return declared;
  }

  /** Recreates everything that was declared; concurrent callers share one run. */
  heal(): Promise<void> {
    this.#healing ??= this.#heal().finally(() => {
      this.#healing = null;
    });
    return this.#healing;
  }

  async #heal(): Promise<void> {
    this.#queues.forget();
    await this.topics.again();
    await this.declare([...this.#groups.values()].flatMap((byKind) => [...byKind.values()]));
  }

  async #declareInTurn(groups: readonly Group[]): Promise<void> {
    for (const group of groups) await this.#declare(group);
  }

  async #declare(group: Group): Promise<void> {
    if (!Number.isInteger(group.partitions) || group.partitions < 1) {
      throw new TypeError(`group ${group.name} needs at least one partition`);
    }
    const byKind = new Map([...(this.#groups.get(group.name) ?? []), [group.kind, group] as const]);
    const bindings = [...byKind.values()].flatMap((each) => each.bindings);
    const fifo = isFifo(group.name, bindings);
    const { queue, dead, ...tokens } = await this.#makeQueues(group.name, fifo, group.partitions);
    const channels = new Set(bindings.map(({ channel }) => channel));
    const topics = new Map<string, string>();
    for (const channel of channels) topics.set(channel, await this.topics.of(channel));
    await this.#queues.configure(queue, {
      VisibilityTimeout: String(this.knobs.visibilitySeconds),
      MessageRetentionPeriod: String(kept.queue),
      Policy: letIn(queue.arn, [...topics.values()]),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: dead.arn,
        maxReceiveCount: this.knobs.maxReceives,
      }),
    });
    await this.#queues.configure(dead, {
      VisibilityTimeout: String(this.knobs.visibilitySeconds),
      MessageRetentionPeriod: String(kept.dead),
      Policy: letIn(dead.arn, [...topics.values()]),
    });
    const selections = new Map<string, Selection>();
    for (const [channel, topic] of topics) {
      const selection = selectionOf(bindings.filter((each) => each.channel === channel));
      selections.set(channel, selection);
      await this.#subscribe(topic, queue, dead, selection.policy);
    }
    this.#groups.set(group.name, byKind);
    const { name, partitions } = group;
    this.#homes.set(name, { name, partitions, queue, dead, ...tokens, selections });
  }

  async #makeQueues(
    group: string,
    fifo: boolean,
    partitions: number,
  ): Promise<Pick<Home, 'queue' | 'dead' | 'owners' | 'members'>> {
    const { names } = this;
    const tags = { 'waybill-shards': String(partitions) };
    const [queue, dead, owners, members] = await Promise.all([
      this.#queues.make(names.queue(group, fifo), tags),
      this.#queues.make(names.dead(group, fifo)),
      this.#queues.make(names.owners(group)),
      this.#queues.make(names.members(group)),
    ]);
    const found = Number(queue.tags['waybill-shards'] ?? partitions);
    if (found !== partitions) {
      throw new TypeError(
        `group ${group} has ${found} partitions, and that number never changes: ${partitions}`,
      );
    }
    return { queue, dead, owners, members };
  }

  async #subscribe(topic: string, queue: Queue, dead: Queue, FilterPolicy: string): Promise<void> {
    const attributes = {
      RawMessageDelivery: 'true',
      FilterPolicy,
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
    };
    const { sns } = this.connection;
    const subscription = (await this.#subscriptionOf(topic, queue.arn)) ?? null;
    if (!subscription) {
      const wanted = { TopicArn: topic, Protocol: 'sqs', Endpoint: queue.arn };
      await sns.send(new SubscribeCommand({ ...wanted, Attributes: attributes }));
      return;
    }
    const requested = new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription });
    const { Attributes: found = {} } = await sns.send(requested);
    for (const [AttributeName, AttributeValue] of Object.entries(attributes)) {
      if (hasAll(found, { [AttributeName]: AttributeValue })) continue;
      const change = { SubscriptionArn: subscription, AttributeName, AttributeValue };
      await sns.send(new SetSubscriptionAttributesCommand(change));
    }
  }

  async #subscriptionOf(TopicArn: string, endpoint: string): Promise<string | undefined> {
    let NextToken: string | undefined;
    do {
      const page = await this.connection.sns.send(
        new ListSubscriptionsByTopicCommand({ TopicArn, ...(NextToken ? { NextToken } : {}) }),
      );
      const found = page.Subscriptions?.find(({ Endpoint }) => Endpoint === endpoint);
      if (found) return found.SubscriptionArn;
      NextToken = page.NextToken;
    } while (NextToken);
    return undefined;
  }
}

/** SNS does not deliver from a standard topic to a FIFO queue, so all channels of a group must be of one sort. */
function isFifo(group: string, bindings: readonly Binding[]): boolean {
  const [first, ...others] = bindings.map(({ channel }) => ({ channel, fifo: isOrdered(channel) }));
  const other = others.find(({ fifo }) => fifo !== first?.fifo);
  if (first && other) {
    throw new TypeError(
      `group ${group} subscribes to ${first.channel} and ${other.channel}, but only one of them is ordered: give them groups of their own`,
    );
  }
  return first?.fifo ?? true;
}

/** Allows only these topics to send to the queue. */
const letIn = (queueArn: string, topics: readonly string[]): string =>
  policyOf(queueArn, { ArnEquals: { 'aws:SourceArn': topics } });

/** Allows every topic of the account to send to the queue. */
export const letInAll = (queueArn: string): string => {
  const [, , , region = '', account = ''] = queueArn.split(':');
  return policyOf(queueArn, { ArnLike: { 'aws:SourceArn': `arn:aws:sns:${region}:${account}:*` } });
};

const policyOf = (queueArn: string, Condition: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition,
      },
    ],
  });
