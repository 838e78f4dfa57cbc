import { type Envelope, kindOfChannel, type Priority } from '@waybill/message';
import { BrokerFull, type Outgoing, Unroutable, wireBodyOf } from '@waybill/messaging';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import { type Names, routingKeyOf, usualPartitions } from './names.ts';
import { Returns, type Underway } from './on-the-way.ts';
import { Unconfirmed } from './rabbitmq-errors.ts';
import type { Settings } from './rabbitmq-options.ts';
import type { Topology } from './topology.ts';
import { hasAttributes, headers, prioritiesOf, propertiesOf } from './wire-message.ts';

/** What an outlet depends on. */
export interface OutletParts {
  readonly names: Names;
  readonly topology: Topology;
  readonly settings: Settings;
  /** RabbitMQ's final answer for a message; without an error, it is stored. */
  readonly answered: (message: Underway, error?: Error) => void;
}

/** Sends one message to the exchange of its channel, and to those for groups with other numbers of partitions. */
export class Outlet {
  private readonly overtaking = new Overtaking();
  private readonly returns = new Returns();

  constructor(private readonly parts: OutletParts) {}

  /** Subscribes to returned messages of a channel; a return arrives before the confirm. */
  adopt(channel: ConfirmChannel): void {
    this.returns.clear();
    channel.on('return', ({ properties }: Message) =>
      this.returns.returned(String(properties.messageId)),
    );
  }

  /** Sends a message. Returns false if the channel needs a pause; throws if the message cannot be sent at all. */
  send(message: Outgoing, underway: Underway, channel: ConfirmChannel): boolean {
    const now = this.parts.settings.clock.now().getTime();
    const body = Buffer.from(wireBodyOf(message).content);
    const properties = propertiesOf(message, now);
    const targets = this.targetsOf(message.channel, message.envelope, now);
    underway.copies = targets.length;
    underway.open = targets.length;
    if (properties.mandatory) this.returns.expect(underway);
    let free = true;
    for (const { exchange, routingKey } of targets) {
      free = channel.publish(exchange, routingKey, body, marked(properties, routingKey), (error) =>
        this.confirmed(underway, error as Error | null),
      );
    }
    return free;
  }

  private targetsOf(channel: string, envelope: Envelope, now: number) {
    const { names, topology } = this.parts;
    const { key, kind, priority: wanted } = envelope;
    const priority = prioritiesOf(kind).includes(wanted)
      ? this.overtaking.priorityOf(`${channel} ${key}`, wanted, now)
      : 'normal';
    return [usualPartitions, ...topology.unusualPartitions(channel)].map((partitions) => ({
      exchange: names.exchange(channel, partitions),
      routingKey: routingKeyOf(envelope, partitions, priority),
    }));
  }

  /** Only the queues of activity have a limit, by which RabbitMQ refuses messages. */
  private refusal({ channel }: Underway, { message }: Error): Error {
    return kindOfChannel(channel) === 'activity'
      ? new BrokerFull(channel, this.parts.settings.activityLimit)
      : new Unconfirmed(message);
  }

  private confirmed(underway: Underway, error: Error | null): void {
    underway.open -= 1;
    const unwanted = underway.returned === underway.copies;
    if (error) this.parts.answered(underway, this.refusal(underway, error));
    else if (underway.open === 0)
      this.parts.answered(
        underway,
        unwanted ? new Unroutable(underway.type, underway.channel) : undefined,
      );
    if (underway.open === 0) this.returns.forget(underway);
  }
}

/** A headers exchange matches the partition, too; only messages with attributes can reach one. */
function marked(properties: Options.Publish, routingKey: string): Options.Publish {
  if (!hasAttributes(properties)) return properties;
  const partition = routingKey.slice(routingKey.lastIndexOf('.') + 1);
  return { ...properties, headers: { ...properties.headers, [headers.partition]: partition } };
}

/** How long, and for how many keys, a publisher remembers to which queue it sent the last message of a key in a channel. */
const kept = { ms: 600_000, keys: 30_000 };

/**
 * Chooses the queue of a message by priority. It follows the last message of its key in its channel, which may still wait in
 * its queue: those messages never overtake each other.
 */
export class Overtaking {
  private readonly last = new Map<string, { readonly priority: Priority; readonly at: number }>();

  priorityOf(key: string, wanted: Priority, now: number): Priority {
    const last = this.last.get(key);
    const priority = last !== undefined && now - last.at <= kept.ms ? last.priority : wanted;
    this.last.delete(key);
    this.last.set(key, { priority, at: now });
    const oldest = this.last.size > kept.keys ? this.last.keys().next().value : undefined;
    if (oldest !== undefined) this.last.delete(oldest);
    return priority;
  }
}
