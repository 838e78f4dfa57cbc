import type { ConfirmChannel, Message } from 'amqplib';
import { confirmed } from './confirmed.ts';
import type { Link } from './link.ts';
import type { Names } from './names.ts';
import { pingType } from './partition-consumer.ts';
import type { Settings } from './rabbitmq-options.ts';
import { headers } from './wire-message.ts';

const prefetch = 100;
const retryAfter = 1_000;

/**
 * Moves messages that RabbitMQ gave up on back to their queue, marked as given up, so that the owner of the partition
 * dead-letters them. Such a message loses its place in the order of its key.
 */
export class DeadLetters {
  private readonly groups = new Set<string>();
  private channel: ConfirmChannel | null = null;
  private opening: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly parts: {
      readonly link: Link;
      readonly names: Names;
      readonly settings: Settings;
    },
  ) {
    parts.link.listen({
      up: () => this.restart(),
      down: () => {
        this.channel = null;
      },
    });
  }

  /** Starts to drain the dead queue of a group. */
  async drain(group: string): Promise<void> {
    if (this.groups.has(group)) return;
    await this.parts.link.patiently(() => this.open());
    if (this.groups.has(group) || !this.channel) return;
    this.groups.add(group);
    await this.consume(this.channel, group);
  }

  async close(): Promise<void> {
    this.closed = true;
    const { channel } = this;
    this.channel = null;
    await channel?.close().catch(() => undefined);
  }

  private open(): Promise<void> {
    if (this.channel) return Promise.resolve();
    this.opening ??= this.openChannel().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  private async openChannel(): Promise<void> {
    const channel = await this.parts.link.confirmChannel();
    channel.on('close', () => {
      if (this.channel !== channel) return;
      this.channel = null;
      setTimeout(() => this.restart(), retryAfter).unref();
    });
    await channel.prefetch(prefetch);
    for (const group of this.groups) await this.consume(channel, group);
    this.channel = channel;
  }

  private restart(): void {
    if (
      this.closed ||
      this.channel ||
      this.groups.size === 0 ||
      this.parts.link.state !== 'connected'
    )
      return;
    this.open().catch((error: Error) => {
      this.parts.settings.onTrouble('draining what RabbitMQ gave up on', error);
      setTimeout(() => this.restart(), retryAfter).unref();
    });
  }

  private async consume(channel: ConfirmChannel, group: string): Promise<void> {
    const queue = this.parts.names.deadQueue(group);
    await channel.consume(queue, (message) => {
      if (message) void this.takeBack(channel, group, message);
    });
  }

  private async takeBack(channel: ConfirmChannel, group: string, message: Message): Promise<void> {
    const { properties, content } = message;
    try {
      if (properties.type !== pingType) {
        const { queue, reason } = deathOf(message);
        const came = queue ?? this.parts.names.queue(group, 0);
        const kept = Object.entries(properties.headers ?? {}).filter(
          ([name]) => !name.startsWith('x-'),
        );
        const marked = { ...Object.fromEntries(kept), [headers.gaveUp]: reason };
        await confirmed(channel, '', came, content, {
          contentType: properties.contentType,
          contentEncoding: properties.contentEncoding,
          messageId: properties.messageId,
          type: properties.type,
          correlationId: properties.correlationId,
          timestamp: properties.timestamp,
          appId: properties.appId,
          persistent: true,
          headers: marked,
        });
      }
      if (this.channel === channel) channel.ack(message);
    } catch (error) {
      this.parts.settings.onTrouble(`a dead letter of group ${group}`, error as Error);
      setTimeout(
        () => this.channel === channel && channel.nack(message, false, true),
        retryAfter,
      ).unref();
    }
  }
}

/** Where and why a message was dead-lettered, from the header that RabbitMQ adds. */
function deathOf(message: Message): { readonly queue: string | null; readonly reason: string } {
  const found: unknown = message.properties.headers?.['x-death'];
  const last = (Array.isArray(found) ? found[0] : null) as Record<string, unknown> | null;
  const queue = typeof last?.['queue'] === 'string' ? last['queue'] : null;
  const reason = typeof last?.['reason'] === 'string' ? last['reason'] : 'unknown';
  return { queue, reason: `RabbitMQ gave up: ${reason.replaceAll('_', ' ')}` };
}
