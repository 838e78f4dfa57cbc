import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';
import type { ReservationStatus } from '../domain/reservation.ts';
import type { WarehouseStock } from '../domain/stock.ts';

/** PostgreSQL gives bigint as text; every one of ours is a safe integer. */
const safeInteger: ValueTransformer = { from: Number, to: (value: number) => value };

@Entity('products')
export class ProductEntity {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column('text')
  description!: string;

  @Column('text')
  category!: string;

  @Column('text')
  imageUrl!: string;

  @Column('bigint', { transformer: safeInteger })
  priceAmount!: number;

  @Column('text')
  currency!: string;

  @Column('integer')
  weightGrams!: number;

  @Column('integer')
  revision!: number;

  @Column('timestamptz')
  updatedAt!: Date;
}

@Entity('stock')
export class StockEntity {
  @PrimaryColumn('text')
  sku!: string;

  @Column('bigint', { transformer: safeInteger })
  received!: number;

  @Column('bigint', { transformer: safeInteger })
  returned!: number;

  @Column('bigint', { transformer: safeInteger })
  available!: number;

  @Column('bigint', { transformer: safeInteger })
  reserved!: number;

  @Column('bigint', { transformer: safeInteger })
  sold!: number;

  @Column('integer')
  threshold!: number;

  @Column('jsonb')
  warehouses!: WarehouseStock[];
}

@Entity('reservations')
export class ReservationEntity {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('jsonb')
  lines!: { sku: string; quantity: number }[];

  @Column('text')
  status!: ReservationStatus;

  @Column('timestamptz')
  reservedAt!: Date;

  @Column('timestamptz', { nullable: true })
  reviewAt!: Date | null;

  @Column('integer')
  reviews!: number;
}

@Entity('stock_movements')
export class MovementEntity {
  @PrimaryColumn('text')
  sku!: string;

  @PrimaryColumn('uuid')
  reference!: string;

  @PrimaryColumn('text')
  kind!: 'received' | 'reserved' | 'released' | 'sold';

  @Column('integer')
  quantity!: number;

  @Column('text', { nullable: true })
  warehouse!: string | null;

  @Column('timestamptz')
  at!: Date;
}

@Entity('replenishments')
export class ReplenishmentEntity {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  status!: 'idle' | 'requested';

  @Column('bigint', { transformer: safeInteger })
  demand!: number;

  @Column('integer', { nullable: true })
  quantity!: number | null;

  @Column('timestamptz', { nullable: true })
  requestedAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  restockedAt!: Date | null;
}
