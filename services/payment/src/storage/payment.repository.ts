import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, In } from 'typeorm';
import type { FlagKind } from '../domain/payment-flag.ts';
import {
  CreditPaymentEntity,
  LedgerEntryEntity,
  PaymentEntity,
  PaymentFlagEntity,
  ProviderCallEntity,
  RefundEntity,
} from './payment.entities.ts';
import {
  flagView,
  type ListedFlag,
  moneyOf,
  type PaymentSummary,
  type PaymentView,
  summaryOf,
} from './payment.views.ts';

/** Where a list of payments to look at continues. */
export interface PaymentPlace {
  readonly since: string;
  readonly orderId: string;
}

/** Where the list of flags continues. */
export interface FlagPlace {
  readonly at: string;
  /** Distinguishes flags of the same time. */
  readonly mark: string;
}

/** Reads payments for operators. */
@Injectable()
export class PaymentRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Reads everything in one snapshot, so that the ledger matches the state of the payment. */
  find(orderId: string): Promise<PaymentView | undefined> {
    return this.dataSource.transaction('REPEATABLE READ', (manager) => viewOf(manager, orderId));
  }

  /** Payments with an unsettled void, and since when: the longest first. */
  unsettled(limit: number, after: PaymentPlace | undefined): Promise<readonly Since[]> {
    return this.since('select order_id, unsettled_since as since from payments', limit, after);
  }

  /** Disputed payments, and since when: the longest first. */
  disputed(limit: number, after: PaymentPlace | undefined): Promise<readonly Since[]> {
    const first = `select order_id, min(at) as since from payment_flags where flag = 'dispute' group by order_id`;
    return this.since(first, limit, after);
  }

  /** Orders whose payment its customer must confirm, in order of their ids. */
  async challenged(limit: number, after: string | undefined): Promise<readonly string[]> {
    const rows: { order_id: string }[] = await this.dataSource.query(
      `select order_id from payments where challenge is not null and ($2::uuid is null or order_id > $2::uuid)
        order by order_id limit $1`,
      [limit, after ?? null],
    );
    return rows.map(({ order_id }) => order_id);
  }

  /** Flags of all orders, the newest first, including orders without a payment here. */
  async flags(
    filter: { readonly flag?: FlagKind | undefined },
    limit: number,
    after: FlagPlace | undefined,
  ): Promise<readonly { readonly place: FlagPlace; readonly flag: ListedFlag }[]> {
    const query = this.dataSource
      .getRepository(PaymentFlagEntity)
      .createQueryBuilder('flag')
      .addSelect('md5(flag.id)', 'mark');
    if (filter.flag) query.andWhere('flag.flag = :flag', filter);
    if (after) query.andWhere('(flag.at, md5(flag.id)) < (:at::timestamptz, :mark)', after);
    query.orderBy('flag.at', 'DESC').addOrderBy('md5(flag.id)', 'DESC').limit(limit);
    const { entities, raw } = await query.getRawAndEntities<{ mark: string }>();
    return entities.map((row, i) => ({
      place: { at: row.at, mark: raw[i]?.mark ?? '' },
      flag: { orderId: row.orderId, ...flagView(row) },
    }));
  }

  /** `of` selects the orders, each with its `since`. */
  private async since(
    of: string,
    limit: number,
    after: PaymentPlace | undefined,
  ): Promise<readonly Since[]> {
    const rows: { order_id: string; since: Date }[] = await this.dataSource.query(
      `select o.order_id, o.since from (${of}) o join payments p on p.order_id = o.order_id
        where o.since is not null and ($2::timestamptz is null or (o.since, o.order_id) > ($2::timestamptz, $3::uuid))
        order by o.since, o.order_id limit $1`,
      [limit, after?.since ?? null, after?.orderId ?? null],
    );
    const orderIds = rows.map(({ order_id }) => order_id);
    const found = await summariesOf(this.dataSource.manager, orderIds);
    return rows.flatMap(({ order_id, since }) => {
      const payment = found.get(order_id);
      return payment ? [{ since: since.toISOString(), payment }] : [];
    });
  }
}

/** A payment in a list, and since when it belongs there. */
export interface Since {
  readonly since: string;
  readonly payment: PaymentSummary;
}

async function summariesOf(
  manager: EntityManager,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, PaymentSummary>> {
  const where = { orderId: In([...orderIds]) };
  const cards = await manager.findBy(PaymentEntity, where);
  const credits = await manager.findBy(CreditPaymentEntity, where);
  const flags = await manager.find(PaymentFlagEntity, { where, order: { at: 'ASC', id: 'ASC' } });
  const found = new Map<string, PaymentSummary>();
  for (const id of orderIds) {
    const isOfOrder = ({ orderId }: { readonly orderId: string }): boolean => orderId === id;
    const [card, credit] = [cards.find(isOfOrder), credits.find(isOfOrder)];
    const summary = summaryOf(card, credit, flags.filter(isOfOrder));
    if (summary) found.set(id, summary);
  }
  return found;
}

async function viewOf(manager: EntityManager, orderId: string): Promise<PaymentView | undefined> {
  const where = { orderId };
  const payment = (await summariesOf(manager, [orderId])).get(orderId);
  if (!payment) return undefined;
  const refunds = await manager.find(RefundEntity, { where, order: { at: 'ASC' } });
  const inTheirOrder = { at: 'ASC', kind: 'ASC', account: 'ASC' } as const;
  const entries = await manager.find(LedgerEntryEntity, { where, order: inTheirOrder });
  const calls = await manager.find(ProviderCallEntity, { where, order: { at: 'ASC', id: 'ASC' } });
  return {
    ...payment,
    refunds: refunds.map((row) => ({
      refundId: row.refundId,
      status: row.status,
      amount: moneyOf(row),
      credit: moneyOf({ amount: row.credit, currency: row.currency }),
      detail: row.detail,
      at: row.at,
    })),
    ledger: entries.map((row) => ({
      kind: row.kind,
      account: row.account,
      amount: moneyOf(row),
      at: row.at,
    })),
    providerCalls: calls.map(({ operationId, kind, outcome, amount, reason, at }) => ({
      operationId,
      kind,
      outcome,
      amount,
      reason,
      at,
    })),
  };
}
