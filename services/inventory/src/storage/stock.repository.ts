import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, LessThanOrEqual } from 'typeorm';
import { noStock, onHand, type WarehouseStock } from '../domain/stock.ts';
import { isOverdue } from '../domain/supplier-order.ts';
import {
  MovementEntity,
  ProductEntity,
  ReplenishmentEntity,
  ReservationEntity,
  StockEntity,
  SupplierOrderEntity,
} from './inventory.entities.ts';

const movementsShown = 50;

/** The stock of one product as shown to operators. */
export interface StockView {
  readonly sku: string;
  readonly onHand: number;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  readonly received: number;
  readonly returned: number;
  readonly threshold: number;
  readonly warehouses: readonly WarehouseStock[];
  /** The newest operations first. */
  readonly movements: readonly MovementView[];
  readonly replenishment: ReplenishmentView | null;
}

export interface MovementView {
  readonly kind: MovementEntity['kind'];
  readonly quantity: number;
  readonly orderId: string | null;
  readonly warehouse: string | null;
  readonly at: string;
}

export interface ReplenishmentView {
  readonly status: ReplenishmentEntity['status'];
  readonly demand: number;
  readonly quantity: number | null;
  readonly requestedAt: string | null;
  readonly restockedAt: string | null;
  readonly requestId: string | null;
  /** The order of the latest request; null if no supplier was asked. */
  readonly order: SupplierOrderView | null;
}

export interface SupplierOrderView {
  readonly supplier: string;
  readonly status: SupplierOrderEntity['status'];
  readonly refusal: string | null;
  readonly overdue: boolean;
}

/** Reads stock, its movements, and what is overdue. */
@Injectable()
export class StockRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Undefined for an unknown product; zeros if it never had stock. Reads everything in one snapshot. */
  find(sku: string): Promise<StockView | undefined> {
    return this.dataSource.transaction('REPEATABLE READ', (manager) => viewOf(manager, sku));
  }

  /** Orders whose reservation is due for review, the oldest first. */
  async overdue(now: Date, limit: number): Promise<string[]> {
    const found = await this.dataSource.getRepository(ReservationEntity).find({
      select: { orderId: true },
      where: { reviewAt: LessThanOrEqual(now.toISOString()) },
      order: { reviewAt: 'ASC' },
      take: limit,
    });
    return found.map(({ orderId }) => orderId);
  }

  /** Requests for which the supplier is to be asked again, the oldest first. */
  async overdueDeliveries(now: Date, limit: number): Promise<string[]> {
    const found = await this.dataSource.getRepository(SupplierOrderEntity).find({
      select: { requestId: true },
      where: { remindAt: LessThanOrEqual(now.toISOString()) },
      order: { remindAt: 'ASC' },
      take: limit,
    });
    return found.map(({ requestId }) => requestId);
  }
}

async function viewOf(manager: EntityManager, sku: string): Promise<StockView | undefined> {
  if (!(await manager.existsBy(ProductEntity, { sku }))) return undefined;
  const parts = (await manager.findOneBy(StockEntity, { sku })) ?? noStock(sku, 0);
  // References are time-ordered ids, so the primary key is in time order.
  const newest = { order: { reference: 'DESC' }, take: movementsShown } as const;
  const movements = await manager.find(MovementEntity, { where: { sku }, ...newest });
  const replenishment = await manager.findOneBy(ReplenishmentEntity, { sku });
  const requestId = replenishment?.requestId;
  const order = requestId ? await manager.findOneBy(SupplierOrderEntity, { requestId }) : null;
  return {
    sku,
    onHand: onHand(parts),
    available: parts.available,
    reserved: parts.reserved,
    sold: parts.sold,
    received: parts.received,
    returned: parts.returned,
    threshold: parts.threshold,
    warehouses: parts.warehouses.map(({ code, onHand: units }) => ({ code, onHand: units })),
    movements: movements.map(movementView).sort((a, b) => (a.at < b.at ? 1 : -1)),
    replenishment: replenishment && replenishmentView(replenishment, order),
  };
}

const movementView = ({ kind, quantity, reference, warehouse, at }: MovementEntity) => ({
  kind,
  quantity,
  orderId: kind === 'received' || kind === 'returned' ? null : reference,
  warehouse,
  at,
});

const replenishmentView = (
  found: ReplenishmentEntity,
  order: SupplierOrderEntity | null,
): ReplenishmentView => ({
  status: found.status,
  demand: found.demand,
  quantity: found.quantity,
  requestedAt: found.requestedAt,
  restockedAt: found.restockedAt,
  requestId: found.requestId,
  order: order && {
    supplier: order.supplier,
    status: order.status,
    refusal: order.refusal,
    overdue: isOverdue(order),
  },
});
