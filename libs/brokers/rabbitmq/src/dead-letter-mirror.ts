import type { DeadRow } from '@waybill/messaging';
import type { ConfirmChannel } from 'amqplib';
import { confirmed } from './confirmed.ts';
import type { Link } from './link.ts';
import type { Names } from './names.ts';
import type { Settings } from './rabbitmq-options.ts';

/**
 * Copies each dead letter to `<queue>.dead` for users of RabbitMQ's own tools, with the reason in the headers. Only the
 * one in the database counts: a copy may be missing after a crash, and redriving or discarding does not change it.
 */
export class DeadLetterMirror {
  private channel: Promise<ConfirmChannel> | null = null;

  constructor(
    private readonly parts: {
      readonly link: Link;
      readonly names: Names;
      readonly settings: Settings;
    },
  ) {}

  /** Never throws; a failed copy is reported to `onTrouble`. */
  show(letters: readonly DeadRow[]): void {
    for (const letter of letters) {
      this.copy(letter).catch((error: Error) =>
        this.parts.settings.onTrouble(`mirroring dead letter ${letter.id}`, error),
      );
    }
  }

  private async copy(letter: DeadRow): Promise<void> {
    const channel = await this.open();
    const queue = this.parts.names.mirrorQueue(letter.group, letter.partition);
    await confirmed(channel, '', queue, Buffer.from(letter.bytes ?? letter.body), {
      persistent: true,
      contentType: 'application/json',
      messageId: letter.id,
      timestamp: Math.floor(Date.parse(letter.at) / 1_000),
      headers: {
        channel: letter.channel,
        'dead-letter': letter.id,
        reason: letter.error,
        code: letter.code,
        handler: letter.handler ?? '',
        attempts: letter.attempts,
        'first-at': letter.firstAt,
      },
    });
  }

  private open(): Promise<ConfirmChannel> {
    this.channel ??= this.parts.link.confirmChannel().then(
      (channel) => {
        channel.on('close', () => {
          this.channel = null;
        });
        return channel;
      },
      (error: unknown) => {
        this.channel = null;
        throw error;
      },
    );
    return this.channel;
  }
}
