import type { Options } from 'amqplib';
import { confirmed } from './confirmed.ts';
import { LazyChannel } from './lazy-channel.ts';
import { quorum } from './topology.ts';
import type { Workplace } from './workplace.ts';

const shortest = 128;
const longest = 2 ** 22;

/** The time to live of the retry queue for a delay, in milliseconds: powers of two, so that there are few queues. */
export const lifeFor = (ms: number): number =>
  2 ** Math.ceil(Math.log2(Math.min(Math.max(ms, shortest), longest)));

/**
 * Messages that failed wait in `waybill.retry.<ms>`, behind an exchange of that name. Their routing key is the queue that they came
 * from, to which RabbitMQ moves them when their time to live is over.
 */
export class RetryQueues {
  private readonly channel: LazyChannel;
  private readonly made = new Map<number, Promise<void>>();

  constructor(private readonly parts: Workplace) {
    // Also when somebody has deleted an exchange.
    this.channel = new LazyChannel(parts.link, () => this.made.clear());
  }

  /** Resolves when RabbitMQ has stored the message, which comes to `queue` after `ms`, at most twice as late. */
  async hold(queue: string, ms: number, body: Buffer, options: Options.Publish): Promise<void> {
    const life = lifeFor(ms);
    await this.make(life);
    const exchange = this.parts.names.retry(life);
    await confirmed(await this.channel.open(), exchange, queue, body, options);
  }

  /** Declared once, also for concurrent callers. */
  private make(life: number): Promise<void> {
    const known = this.made.get(life);
    if (known) return known;
    const made = this.declare(life).catch((error: unknown) => {
      this.made.delete(life);
      throw error;
    });
    this.made.set(life, made);
    return made;
  }

  private async declare(life: number): Promise<void> {
    const { names, topology } = this.parts;
    const name = names.retry(life);
    await topology.withDeclarer(async (declarer) => {
      await declarer.exchange(name, 'fanout');
      // Without a key of its own for dead letters, RabbitMQ keeps that of the message.
      const time = { 'x-message-ttl': life, 'x-dead-letter-exchange': '' };
      const safe = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };
      await declarer.queue(name, quorum({ ...time, ...safe }));
      await declarer.bindQueue(name, name, '');
    });
    topology.remember('exchanges', name);
    topology.remember('queues', name);
  }
}
