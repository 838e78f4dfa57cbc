import type { DeadRow } from '@waybill/messaging';
import { confirmed } from './confirmed.ts';
import { LazyChannel } from './lazy-channel.ts';
import type { Link } from './link.ts';
import type { Names } from './names.ts';
import type { Settings } from './rabbitmq-options.ts';

/**
 * Copies each dead letter to `<queue>.dead` for users of RabbitMQ's own tools, with the reason in the headers. Only the
 * one in the database counts: a copy may be missing after a crash, and redriving or discarding does not change it.
 */
export class DeadLetterMirror {
  private readonly channel: LazyChannel;

  constructor(
    private readonly parts: {
      readonly link: Link;
      readonly names: Names;
      readonly settings: Settings;
    },
  ) {
    this.channel = new LazyChannel(parts.link);
  }

  /** Never throws; a failed copy is reported to `onTrouble`. */
  show(letters: readonly DeadRow[]): void {
    for (const letter of letters) {
      this.copy(letter).catch((error: Error) =>
        this.parts.settings.onTrouble(`mirroring dead letter ${letter.id}`, error),
      );
    }
  }

  private async copy(letter: DeadRow): Promise<void> {
    const channel = await this.channel.open();
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
}
