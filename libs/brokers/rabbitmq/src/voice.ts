import type { Channel, Options } from 'amqplib';
import type { Link } from './link.ts';

/**
 * Best-effort publishing on the publisher connection. During an alarm, RabbitMQ reads nothing from a connection that
 * publishes, so a consumer that published on its own connection could not send the acks that end the alarm.
 */
export class Voice {
  private channel: Channel | null = null;
  private opening: Promise<Channel> | null = null;

  constructor(private readonly link: Link) {}

  /** Sends, or drops the message while the connection is blocked or unavailable. Never throws. */
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
