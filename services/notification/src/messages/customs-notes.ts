import { Injectable } from '@nestjs/common';
import { type DataOf, OrderAnnounced } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { type Job, jobOf, WorksOn } from '@waybill/work-queue';
import { type AlertChannel, AlertChannels, alertChannels } from '../clients/alert-channels.ts';
import { customsNote } from '../domain/customs-note.ts';
import { deliveries } from '../storage/notification.entities.ts';

type Exported = Pick<DataOf<typeof OrderAnnounced>, 'number' | 'country' | 'total'>;

const customsQueue = 'customs';

/** What the job of a note to operators knows. */
interface NoteJob extends Exported {
  readonly channel: AlertChannel;
}

/** Tells operators of confirmed orders of high value that leave Europe, because their parcels need papers for the customs. */
@Injectable()
export class CustomsNotes {
  constructor(private readonly channels: AlertChannels) {}

  /** The broker selects them. Customers are notified by the e-mails, so there is no delivery here. */
  @Handles()
  announced() {
    return on(OrderAnnounced, deliveries, {
      group: 'notification.customs',
      filter: { status: ['confirmed'], region: ['world'], 'order-value': ['high'] },
      state: ({ orderId }) => `${orderId}/customs`,
      begins: true,
      decide: (_, { number, country, total }, { id, now, message }) => ({
        changes: this.channels.configured().map((channel) => {
          const data: NoteJob = { number, country, total, channel };
          const key = `${message.id}/${channel}`;
          return jobOf({ id: id(channel), queue: customsQueue, key, data }, now);
        }),
      }),
    });
  }

  /** The settings may have changed since. */
  @WorksOn(customsQueue, { concurrency: alertChannels.length, attempts: 10, firstDelay: 2_000 })
  async send({ id, data }: Job<NoteJob>): Promise<void> {
    if (!this.channels.configured().includes(data.channel)) return;
    await this.channels.send(data.channel, { id, severity: 'info', ...customsNote(data) });
  }
}
