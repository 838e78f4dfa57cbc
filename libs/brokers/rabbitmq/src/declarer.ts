import type { Channel, Options } from 'amqplib';
import type { Link } from './link.ts';

type Step = (channel: Channel) => Promise<unknown>;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;
const refused = 403;

/**
 * Creates what is missing. If the user may not create, it checks that queues and exchanges exist instead, so a service
 * needs only read and write permissions once the topology exists.
 */
export class Declarer {
  private current: Promise<Channel> | null = null;
  private readOnly = false;

  constructor(private readonly link: Link) {}

  exchange(name: string, type: 'topic' | 'direct' | 'headers' | 'fanout'): Promise<void> {
    return this.make(
      (channel) => channel.assertExchange(name, type, { durable: true }),
      (channel) => channel.checkExchange(name),
    );
  }

  queue(name: string, options: Options.AssertQueue): Promise<void> {
    return this.make(
      (channel) => channel.assertQueue(name, options),
      (channel) => channel.checkQueue(name),
    );
  }

  /** A binding cannot be checked, so one that may not be created is assumed to exist. */
  bindQueue(queue: string, exchange: string, pattern: string, args?: object): Promise<void> {
    return this.make((channel) => channel.bindQueue(queue, exchange, pattern, args));
  }

  unbindQueue(queue: string, exchange: string, pattern: string, args?: object): Promise<void> {
    return this.make((channel) => channel.unbindQueue(queue, exchange, pattern, args));
  }

  bindExchange(to: string, from: string, pattern: string): Promise<void> {
    return this.make((channel) => channel.bindExchange(to, from, pattern));
  }

  /** Runs one step. RabbitMQ closes the channel when a step fails, so the next step gets a new one. */
  async run<T>(step: (channel: Channel) => Promise<T>): Promise<T> {
    this.current ??= this.link.quietChannel();
    const channel = await this.current.catch((error: unknown) => {
      this.current = null;
      throw error;
    });
    try {
      return await step(channel);
    } catch (error) {
      this.current = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    const channel = await this.current?.catch(() => null);
    this.current = null;
    await channel?.close().catch(() => undefined);
  }

  private async make(create: Step, look?: Step): Promise<void> {
    if (!this.readOnly) {
      try {
        await this.run(create);
        return;
      } catch (error) {
        if (codeOf(error) !== refused) throw error;
        this.readOnly = true;
      }
    }
    if (look) await this.run(look);
  }
}
