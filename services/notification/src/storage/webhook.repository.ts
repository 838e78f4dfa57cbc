import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, LessThan, MoreThan, Repository } from 'typeorm';
import type { Webhook } from '../domain/webhook.ts';
import { WebhookDeliveryEntity, WebhookEntity } from './webhook.entities.ts';

/** Whose webhooks: those of a customer, or undefined for all. */
export type WebhookScope = { readonly customerId?: string | undefined };

/** What an owner may change. */
export type WebhookChange = Partial<Pick<Webhook, 'url' | 'description' | 'events'>> & {
  readonly enabled?: boolean;
};

/** The webhooks of customers and operators. */
@Injectable()
export class WebhookRepository {
  constructor(
    @InjectRepository(WebhookEntity) private readonly webhooks: Repository<WebhookEntity>,
  ) {}

  /** Stores a webhook unless its owner has `most` of them; false if so. */
  add(webhook: Webhook, most: number): Promise<boolean> {
    const { customerId } = webhook;
    return this.webhooks.manager.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `webhooks of ${customerId ?? ''}`,
      ]);
      const ofOwner = { customerId: customerId ?? IsNull() };
      if ((await manager.countBy(WebhookEntity, ofOwner)) >= most) return false;
      await manager.insert(WebhookEntity, webhook as WebhookEntity);
      return true;
    });
  }

  async find(id: string, scope: WebhookScope = {}): Promise<Webhook | undefined> {
    return (await this.webhooks.findOneBy(where(scope, { id }))) ?? undefined;
  }

  /** Up to `limit` webhooks in the order in which they were made. */
  list(scope: WebhookScope, after: string | undefined, limit: number): Promise<Webhook[]> {
    const place = after === undefined ? {} : { id: MoreThan(after) };
    return this.webhooks.find({ where: where(scope, place), order: { id: 'ASC' }, take: limit });
  }

  /** Changes a webhook and forgets its failures; what waits for one that is disabled is not delivered. */
  change(id: string, scope: WebhookScope, change: WebhookChange, now: Date): Promise<boolean> {
    const { enabled, ...fields } = change;
    const at = now.toISOString();
    const state =
      enabled === undefined ? {} : { disabledReason: enabled ? null : ('owner' as const) };
    const health = { failures: 0, failingSince: null, pausedUntil: null };
    return this.webhooks.manager.transaction(async (manager) => {
      const { affected } = await manager.update(WebhookEntity, where(scope, { id }), {
        ...fields,
        ...state,
        ...health,
        updatedAt: at,
        activeSince: at,
      });
      if (affected && enabled === false) await failPending(manager, id);
      return affected === 1;
    });
  }

  /** Replaces the secret; the one before signs too until `until`. */
  async rotate(id: string, secret: string, until: Date, now: Date): Promise<boolean> {
    const { affected } = await this.webhooks
      .createQueryBuilder()
      .update()
      .set({
        previousSecret: () => 'secret',
        previousSecretUntil: until.toISOString(),
        secret,
        updatedAt: now.toISOString(),
      })
      .where({ id })
      .execute();
    return affected === 1;
  }

  /** Removes a webhook with its deliveries. */
  remove(id: string, scope: WebhookScope = {}): Promise<boolean> {
    return this.webhooks.manager.transaction(async (manager) => {
      const { affected } = await manager.delete(WebhookEntity, where(scope, { id }));
      if (affected) await manager.delete(WebhookDeliveryEntity, { webhookId: id });
      return affected === 1;
    });
  }

  /** Removes what belongs to customers. */
  forget(customerIds: readonly string[]): Promise<void> {
    return this.webhooks.manager.transaction(async (manager) => {
      const [gone]: [{ id: string }[], number] = await manager.query(
        'delete from webhooks where customer_id = any($1) returning id',
        [customerIds],
      );
      const ids = gone.map(({ id }) => id);
      await manager.query('delete from webhook_deliveries where webhook_id = any($1)', [ids]);
    });
  }

  /** Removes the secrets that sign no longer. */
  async endRotations(now: Date): Promise<void> {
    await this.webhooks.update(
      { previousSecretUntil: LessThan(now.toISOString()) },
      { previousSecret: null, previousSecretUntil: null },
    );
  }
}

const where = <W extends object>({ customerId }: WebhookScope, rest: W) =>
  customerId === undefined ? rest : { ...rest, customerId };

/** Nothing waits for a webhook that is disabled. */
export const failPending = (manager: EntityManager, webhookId: string): Promise<unknown> =>
  manager.update(WebhookDeliveryEntity, { webhookId, status: 'pending' }, { status: 'failed' });
