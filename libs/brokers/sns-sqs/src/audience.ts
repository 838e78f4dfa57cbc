import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
} from '@aws-sdk/client-sns';
import { type Clock, needsSubscriber, type Outgoing } from '@waybill/messaging';
import type { Connection } from './connection.ts';
import { admits } from './filter-policy.ts';
import type { Topology } from './topology.ts';
import { pack } from './wire.ts';

interface Seen {
  readonly at: number;
  readonly policies: readonly (string | undefined)[];
}

const trusted = 30_000;
/** Reading the subscriptions again for a message without a subscriber would only be slow. */
const lookedAgain = 1_000;

/**
 * Who subscribes to a topic. SNS does not report messages without a subscriber, so the subscriptions of other processes
 * are read and cached for 30 s.
 */
export class Audience {
  readonly #seen = new Map<string, Seen>();

  constructor(
    private readonly connection: Connection,
    private readonly topology: Topology,
    private readonly clock: Clock,
  ) {}

  /** Whether a message that must reach a group has a subscriber. */
  async hasSubscriber(message: Outgoing): Promise<boolean> {
    const { channel, envelope } = message;
    if (!needsSubscriber.has(envelope.kind)) return true;
    const here = this.topology.homes.some((home) =>
      home.selections.get(channel)?.matches(envelope),
    );
    if (here) return true;
    const topic = await this.topology.topics.of(channel);
    const known = this.#seen.get(topic);
    if (known && this.#age(known) < trusted && admitted(known, message)) return true;
    if (known && this.#age(known) < lookedAgain) return false;
    return admitted(await this.#look(topic), message);
  }

  #age({ at }: Seen): number {
    return this.clock.now().getTime() - at;
  }

  async #look(topic: string): Promise<Seen> {
    const policies: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.connection.sns.send(
        new ListSubscriptionsByTopicCommand({
          TopicArn: topic,
          ...(NextToken ? { NextToken } : {}),
        }),
      );
      const arns = (page.Subscriptions ?? []).flatMap((each) => each.SubscriptionArn ?? []);
      policies.push(...(await Promise.all(arns.map((arn) => this.#policyOf(arn)))));
      NextToken = page.NextToken;
    } while (NextToken);
    const seen = { at: this.clock.now().getTime(), policies };
    this.#seen.set(topic, seen);
    return seen;
  }

  async #policyOf(SubscriptionArn: string): Promise<string | undefined> {
    const found = await this.connection.sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn }),
    );
    return found.Attributes?.['FilterPolicy'];
  }
}

function admitted({ policies }: Seen, message: Outgoing): boolean {
  const { attributes } = pack(message);
  const texts = Object.entries(attributes).map(([name, { StringValue = '' }]) => [
    name,
    StringValue,
  ]);
  const facts = Object.fromEntries(texts) as Record<string, string>;
  return policies.some((policy) => admits(policy, facts));
}
