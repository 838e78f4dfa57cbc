import type { Channel, Options } from 'amqplib';
import type { Link } from './link.ts';

/**
 * Says what may be lost, on the connection for publishing: while an alarm is on, RabbitMQ reads nothing more from a
 * connection that publishes, and a consumer that spoke on its own could not ack what would end the alarm.
 */
export class Voice {
  private channel: Channel | null = null;
  private opening: Promise<Channel> | null = null;

  constructor(private readonly link: Link) {}

  /** Sends, or drops it while the connection is blocked or cannot be made. Never throws. */
  say(exchange: string, routingKey: string, body: Buffer, options: Options.Publish = {}): void {
    if (this.link.blocked !== null) return;
    this.open()
      .then((channel) => channel.publish(exchange, routingKey, body, options))
      .catch(() => undefined);
  }

  private open(): Promise<Channel> {
    if (this.channel) return Promise.resolve(this.channel);
    this.opening ??= this.openChannel().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  private async openChannel(): Promise<Channel> {
    const channel = await this.link.channel();
    channel.on('close', () => {
      if (this.channel === channel) this.channel = null;
    });
    this.channel = channel;
    return channel;
  }
}
