import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { newId } from '@waybill/contracts';
import { Work } from '@waybill/work-queue';
import { type EntityManager, LessThan, Repository } from 'typeorm';
import type { Webhook } from '../domain/webhook.ts';
import {
  afterAttempt,
  endpointAfter,
  type Tried,
  type WebhookDelivery,
} from '../domain/webhook-delivery.ts';
import { WebhookDeliveryEntity, WebhookEntity } from './webhook.entities.ts';
import { failPending } from './webhook.repository.ts';

/** The queue with one job for each webhook that something is to be delivered to. */
export const webhookQueue = 'webhooks';

/** Something that webhooks may be told of. */
export interface Announcement {
  readonly messageId: string;
  readonly customerId: string;
  readonly type: string;
  readonly body: string;
}

/** What is delivered to webhooks, and how that went. The rows are the truth; the jobs only say which webhooks to look at. */
@Injectable()
export class WebhookDeliveryRepository {
  constructor(
    @InjectRepository(WebhookDeliveryEntity)
    private readonly deliveries: Repository<WebhookDeliveryEntity>,
    private readonly work: Work,
  ) {}

  /** One delivery for each announcement and webhook that wants it, however often it is announced. */
  async announce(announcements: readonly Announcement[], now: Date): Promise<void> {
    const { manager } = this.deliveries;
    const customers = [...new Set(announcements.map(({ customerId }) => customerId))];
    const seen: Wanting[] = await manager.query(`select ${wanting}`, [customers]);
    const wanted = seen.filter((webhook) => announcements.some((each) => wants(webhook, each)));
    if (wanted.length === 0) return;
    await manager.transaction(async (transaction) => {
      const ids = wanted.map(({ id }) => id);
      await this.wake(transaction, ids);
      // Locked, so that a webhook that is disabled or removed meanwhile leaves nothing behind.
      const webhooks: Wanting[] = await transaction.query(
        `select ${wanting} and id = any($2) order by id for share`,
        [customers, ids],
      );
      const rows = announcements.flatMap((each) =>
        webhooks.filter((webhook) => wants(webhook, each)).map(({ id }) => row(id, each, now)),
      );
      await transaction.query(insertion, [JSON.stringify(rows)]);
    });
  }

  /** Delivers the event of a test; undefined if the webhook is disabled or gone. */
  test(webhookId: string, event: Pick<Announcement, 'type' | 'body'>, now: Date) {
    return this.whenEnabled(webhookId, async (manager) => {
      const delivery = row(webhookId, { ...event, messageId: null }, now);
      await manager.query(insertion, [JSON.stringify([delivery])]);
      return delivery;
    });
  }

  /** Delivers something again, with all its tries; undefined if the webhook is disabled or gone. */
  redeliver(delivery: WebhookDelivery, now: Date) {
    const { id, webhookId } = delivery;
    const again = { status: 'pending', failures: 0, dueAt: now.toISOString() } as const;
    return this.whenEnabled(webhookId, async (manager) => {
      await manager.update(WebhookDeliveryEntity, { id }, again);
      return { ...delivery, ...again };
    });
  }

  async find(webhookId: string, id: string): Promise<WebhookDelivery | undefined> {
    return (await this.deliveries.findOneBy({ webhookId, id })) ?? undefined;
  }

  /** Up to `limit` deliveries, the latest first. */
  list(webhookId: string, before: string | undefined, limit: number): Promise<WebhookDelivery[]> {
    const where = { webhookId, ...(before === undefined ? {} : { id: LessThan(before) }) };
    return this.deliveries.find({ where, order: { id: 'DESC' }, take: limit });
  }

  /** Up to `limit` deliveries that are due; none while the endpoint is left alone. */
  due(webhookId: string, limit: number): Promise<WebhookDelivery[]> {
    return this.deliveries
      .createQueryBuilder('delivery')
      .innerJoin(WebhookEntity, 'webhook', 'webhook.id = delivery.webhookId')
      .where({ webhookId, status: 'pending' })
      .andWhere('delivery.dueAt <= waybill_now()')
      .andWhere('(webhook.pausedUntil is null or webhook.pausedUntil <= waybill_now())')
      .andWhere('webhook.disabledReason is null')
      .orderBy('delivery.dueAt')
      .limit(limit)
      .getMany();
  }

  /** Stores what was tried. Returns the webhook as it is then, and when something is due next; null: nothing is. */
  async record(
    manager: EntityManager,
    webhookId: string,
    tried: readonly Tried[],
    context: { readonly now: Date; readonly disableAfter: number; readonly random: () => number },
  ): Promise<{ readonly webhook: Webhook | null; readonly next: Date | null }> {
    const lock = { mode: 'pessimistic_write' } as const;
    const found = await manager.findOne(WebhookEntity, { where: { id: webhookId }, lock });
    if (!found) return { webhook: null, next: null };
    for (const each of tried) {
      const random = context.random();
      await store(manager, afterAttempt(each.delivery, each, { now: context.now, random }));
    }
    const health = tried.length > 0 ? endpointAfter(found, tried, context) : {};
    const webhook = { ...found, ...health };
    if (tried.length > 0) await manager.update(WebhookEntity, { id: webhookId }, health);
    if (webhook.disabledReason) await failPending(manager, webhookId);
    return { webhook, next: await nextOf(manager, webhook) };
  }

  /** How many deliveries wait. */
  pending(): Promise<number> {
    return this.deliveries.countBy({ status: 'pending' });
  }

  private async whenEnabled<T>(
    id: string,
    change: (manager: EntityManager) => Promise<T>,
  ): Promise<T | undefined> {
    return this.deliveries.manager.transaction(async (manager) => {
      await this.wake(manager, [id]);
      // Whoever asks for a delivery knows that the endpoint is well again.
      const { affected } = await manager
        .createQueryBuilder()
        .update(WebhookEntity)
        .set({ pausedUntil: null })
        .where('id = :id and disabled_reason is null', { id })
        .execute();
      return affected ? change(manager) : undefined;
    });
  }

  /** The first thing in a transaction: workers lock their job before the webhook too. A job without deliveries ends by itself. */
  private wake(manager: EntityManager, ids: readonly string[]): Promise<void> {
    return this.work.add(
      manager,
      ids.map((key) => ({ queue: webhookQueue, key })),
    );
  }
}

type Wanting = Pick<Webhook, 'id' | 'customerId' | 'events'>;

const wanting = `id, customer_id as "customerId", events from webhooks
  where disabled_reason is null and (customer_id is null or customer_id = any($1))`;

const wants = ({ customerId, events }: Wanting, announced: Announcement): boolean =>
  (customerId === null || customerId === announced.customerId) &&
  (events as readonly string[]).includes(announced.type);

const row = (
  webhookId: string,
  { messageId, type, body }: Pick<WebhookDelivery, 'messageId' | 'type' | 'body'>,
  now: Date,
): WebhookDelivery => ({
  id: newId(now),
  webhookId,
  messageId,
  type,
  body,
  status: 'pending',
  failures: 0,
  dueAt: now.toISOString(),
  attempts: [],
  at: now.toISOString(),
});

const insertion = `insert into webhook_deliveries
    (id, webhook_id, message_id, type, body, status, failures, due_at, attempts, at)
  select id, "webhookId", "messageId", type, body, status, failures, "dueAt", attempts, at
    from jsonb_to_recordset($1) as r(id uuid, "webhookId" uuid, "messageId" text, type text, body text,
      status text, failures integer, "dueAt" timestamptz, attempts jsonb, at timestamptz)
  on conflict (webhook_id, message_id) do nothing`;

/** Whoever disables a webhook meanwhile ends what waits; what has arrived has arrived. */
async function store(manager: EntityManager, delivery: WebhookDelivery): Promise<void> {
  const { id, status, failures, dueAt, attempts } = delivery;
  await manager.query(
    `update webhook_deliveries set attempts = $2, failures = $3, due_at = $4,
      status = case when status = 'pending' or $5 = 'delivered' then $5 else status end
    where id = $1`,
    [id, JSON.stringify(attempts), failures, dueAt, status],
  );
}

async function nextOf(manager: EntityManager, { id, pausedUntil }: Webhook): Promise<Date | null> {
  const [row]: { due: Date | null }[] = await manager.query(
    `select min(due_at) as due from webhook_deliveries where webhook_id = $1 and status = 'pending'`,
    [id],
  );
  if (!row?.due) return null;
  const pause = pausedUntil === null ? 0 : Date.parse(pausedUntil);
  return new Date(Math.max(row.due.getTime(), pause));
}
