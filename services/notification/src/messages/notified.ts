import { type Message, NotificationCollected, NotificationCreated } from '@waybill/contracts';
import type { Change, DecideContext } from '@waybill/messaging';
import { jobOf, type WorkPriority } from '@waybill/work-queue';
import { type Delivery, type Preferences, shownId } from '../domain/delivery.ts';
import { titleOf } from '../domain/email.ts';
import { deliveries } from '../storage/notification.entities.ts';

export const emailQueue = 'email';

/** What the job of an e-mail knows. */
export interface EmailJob {
  readonly deliveryId: string;
}

/** The decision for a new delivery: its row, its job or its place in a digest, and the news for live views. */
export function notified(
  delivery: Delivery,
  context: Pick<DecideContext<unknown>, 'id' | 'now'> & {
    readonly preferences: Preferences | undefined;
    readonly priority: WorkPriority;
    readonly dueAt?: Date;
  },
): { readonly changes: readonly Change[]; readonly send: readonly Message[] } {
  const { id, orderId, customerId, template, locale, news, at } = delivery;
  const { priority, dueAt } = context;
  const job = {
    id: context.id(`email/${template}`),
    queue: emailQueue,
    key: id,
    priority,
    ...(dueAt ? { dueAt } : {}),
    data: { deliveryId: id } satisfies EmailJob,
  };
  const title = titleOf(template, news, locale);
  const about = { id: shownId(id), orderId, customerId: customerId ?? '', template, title, at };
  return {
    changes: [
      deliveries.put(delivery),
      ...(delivery.status === 'queued' ? [jobOf(job, context.now)] : []),
    ],
    send: [NotificationCreated(about) as Message, ...collectedBy(delivery, context.preferences)],
  };
}

function collectedBy(
  { id: deliveryId, customerId, status, at }: Delivery,
  preferences: Preferences | undefined,
): Message[] {
  const digest = preferences?.digest ?? 'none';
  if (status !== 'collected' || digest === 'none') return [];
  return [
    NotificationCollected({ deliveryId, customerId: customerId ?? '', digest, at }) as Message,
  ];
}
