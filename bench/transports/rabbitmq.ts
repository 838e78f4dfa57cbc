import amqp, { type Channel, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { decodeMessage, encodeMessage, type Message, type Transport } from './transport.ts';

/** Quorum queues, persistent messages, pipelined confirms, one ack for everything that a batch has settled. */
export class RabbitMq implements Transport {
  private readonly queues = new Set<string>();

  private constructor(
    private readonly connections: readonly ChannelModel[],
    private readonly publishing: ConfirmChannel,
    private readonly namespace: string,
  ) {}

  static async connect(url: string, namespace: string): Promise<RabbitMq> {
    const connect = () => amqp.connect(url, { noDelay: true });
    const [publishing, consuming] = await Promise.all([connect(), connect()]);
    return new RabbitMq(
      [publishing, consuming],
      await publishing.createConfirmChannel(),
      namespace,
    );
  }

  send(group: string, messages: readonly Message[]): Promise<void> {
    const queue = this.queueOf(group);
    return new Promise((resolve, reject) => {
      let open = messages.length;
      const settled = (error: unknown): void => {
        open -= 1;
        if (error) reject(error);
        else if (open === 0) resolve();
      };
      for (const message of messages) {
        this.publishing.publish('', queue, encodeMessage(message), { persistent: true }, settled);
      }
    });
  }

  async consume(
    group: string,
    take: (message: Message, settle: () => void) => void,
  ): Promise<void> {
    const queue = this.queueOf(group);
    await this.publishing.assertQueue(queue, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
    });
    this.queues.add(queue);
    const channel = (await this.connections[1]?.createChannel()) as Channel;
    await channel.prefetch(400);
    const acks = new Acks(channel);
    await channel.consume(queue, (delivery) => {
      if (!delivery) return;
      const { deliveryTag } = delivery.fields;
      take(decodeMessage(delivery.content), () => acks.upTo(deliveryTag));
    });
  }

  async close(): Promise<void> {
    for (const queue of this.queues) await this.publishing.deleteQueue(queue);
    for (const connection of this.connections) await connection.close();
  }

  private queueOf(group: string): string {
    return `${this.namespace}.${group}`;
  }
}

/** A queue is processed in order, so acking the last tag of a turn acks all before it. */
class Acks {
  private last: number | null = null;

  constructor(private readonly channel: Channel) {}

  upTo(tag: number): void {
    if (this.last === null) setImmediate(() => this.flush());
    this.last = tag;
  }

  private flush(): void {
    if (this.last !== null) this.channel.ack({ fields: { deliveryTag: this.last } } as never, true);
    this.last = null;
  }
}
