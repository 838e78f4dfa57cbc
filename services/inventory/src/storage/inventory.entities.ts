import type { Line, TaxClass } from '@waybill/contracts';
import { appendOnly, bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { AllocatedLine } from '../domain/allocation.ts';
import type { Image, ImageSize, ProductImage } from '../domain/image.ts';
import type { Product } from '../domain/product.ts';
import type { Replenishment } from '../domain/replenishment.ts';
import type { Movement, Reservation, ReservationStatus } from '../domain/reservation.ts';
import type { Restock } from '../domain/restock.ts';
import type { ReturnedGoods } from '../domain/returned-goods.ts';
import type { Stock, WarehouseStock } from '../domain/stock.ts';
import type { SupplierOrder } from '../domain/supplier-order.ts';

const searchedWords = `setweight(to_tsvector('english'::regconfig, name), 'A')
  || setweight(to_tsvector('english'::regconfig, sku), 'A')
  || setweight(to_tsvector('english'::regconfig, category), 'B')
  || setweight(to_tsvector('english'::regconfig, description), 'C')`;

/** The catalogue: one row per product. */
@Entity('products')
export class ProductEntity implements Product {
  @PrimaryColumn('text', { collation: 'C' }) sku!: string;
  @Column('text') name!: string;
  @Column('text') description!: string;
  @Column('text') category!: string;
  @Column('text') imageUrl!: string;
  @Column(bigint) priceAmount!: number;
  @Column('text') currency!: string;
  @Column('integer') weightGrams!: number;
  @Column('text', { default: 'standard' }) taxClass!: TaxClass;
  @Column('integer') revision!: number;
  @Column(instant) updatedAt!: string;
  @Column({ ...instant, nullable: true }) withdrawnAt!: string | null;
  /** The words that `search` finds, weighted by where they are. */
  @Column({
    type: 'tsvector',
    generatedType: 'STORED',
    asExpression: searchedWords,
    select: false,
    nullable: true,
  })
  search!: string;
  @VersionColumn(bigint) version!: number;
}
export const products = states<Product>(ProductEntity);

/** What became of each uploaded picture, for good: its paths are cached everywhere. */
@Entity('images')
export class ImageEntity implements Image {
  @PrimaryColumn('text', { collation: 'C' }) reference!: string;
  @Column('jsonb') sizes!: ImageSize[];
  @Column('text', { nullable: true }) failure!: string | null;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const images = states<Image>(ImageEntity);

/** The latest upload for each product that has one. */
@Entity('product_images')
export class ProductImageEntity implements ProductImage {
  @PrimaryColumn('text', { collation: 'C' }) sku!: string;
  @Column({ type: 'text', collation: 'C' }) image!: string;
  @Column(instant) uploadedAt!: string;
  @VersionColumn(bigint) version!: number;
}
export const productImages = states<ProductImage>(ProductImageEntity);

/** One row per product; orders of every partition update it. */
@Entity('stock')
export class StockEntity implements Stock {
  @PrimaryColumn('text', { collation: 'C' }) sku!: string;
  @Column(bigint) received!: number;
  @Column(bigint) returned!: number;
  @Column(bigint) available!: number;
  @Column(bigint) reserved!: number;
  @Column(bigint) sold!: number;
  @Column('integer') threshold!: number;
  @Column('jsonb') warehouses!: WarehouseStock[];
  @VersionColumn(bigint) version!: number;
}
export const stock = states<Stock>(StockEntity, { shared: true });

/** One row per order, kept for good, because it makes repeated commands harmless. */
@Entity('reservations')
export class ReservationEntity implements Reservation {
  @PrimaryColumn('uuid') orderId!: string;
  @Column('jsonb') lines!: AllocatedLine[];
  @Column('text') status!: ReservationStatus;
  @Column('jsonb') short!: string[];
  @Column(instant) reservedAt!: string;
  @Column({ ...instant, nullable: true }) reviewAt!: string | null;
  @Column('integer') reviews!: number;
  @VersionColumn(bigint) version!: number;
}
export const reservations = states<Reservation>(ReservationEntity, {
  seldom: ['lines', 'short', 'reservedAt'],
});

/** One row per delivery of goods, by the id of its request. */
@Entity('restocks')
export class RestockEntity implements Restock {
  @PrimaryColumn('uuid') requestId!: string;
  @Column({ type: 'text', collation: 'C' }) sku!: string;
  @Column('integer') quantity!: number;
  @Column('text') warehouse!: string;
  @Column(bigint) available!: number;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const restocks = states<Restock>(RestockEntity);

/** One row per return of an order. */
@Entity('returned_goods')
export class ReturnedGoodsEntity implements ReturnedGoods {
  @PrimaryColumn('uuid') returnId!: string;
  @Column('uuid') orderId!: string;
  @Column('jsonb') lines!: Line[];
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const returnedGoods = states<ReturnedGoods>(ReturnedGoodsEntity);

/** One row per product; confirmed orders of every partition add to its demand. */
@Entity('replenishments')
export class ReplenishmentEntity implements Replenishment {
  @PrimaryColumn('text', { collation: 'C' }) sku!: string;
  @Column('text') status!: Replenishment['status'];
  @Column(bigint) demand!: number;
  @Column('integer', { nullable: true }) quantity!: number | null;
  @Column('uuid', { nullable: true }) requestId!: string | null;
  @Column({ ...instant, nullable: true }) requestedAt!: string | null;
  @Column({ ...instant, nullable: true }) restockedAt!: string | null;
  @VersionColumn(bigint) version!: number;
}
export const replenishments = states<Replenishment>(ReplenishmentEntity, { shared: true });

/** One row per request for goods that a supplier is asked for. */
@Entity('supplier_orders')
export class SupplierOrderEntity implements SupplierOrder {
  @PrimaryColumn('uuid') requestId!: string;
  @Column('text') supplier!: string;
  @Column({ type: 'text', collation: 'C' }) sku!: string;
  @Column('integer') quantity!: number;
  @Column('text') warehouse!: string;
  @Column('text') status!: SupplierOrder['status'];
  @Column('text', { nullable: true }) refusal!: string | null;
  @Column(instant) requestedAt!: string;
  @Column({ ...instant, nullable: true }) remindAt!: string | null;
  @Column('integer') reminders!: number;
  @Column({ ...instant, nullable: true }) deliveredAt!: string | null;
  @VersionColumn(bigint) version!: number;
}
export const supplierOrders = states<SupplierOrder>(SupplierOrderEntity);

/** Every change of every product's stock, one row per line. */
@Entity('stock_movements')
export class MovementEntity implements Movement {
  @PrimaryColumn('text', { collation: 'C' }) sku!: string;
  @PrimaryColumn('text') kind!: Movement['kind'];
  @Column('integer') quantity!: number;
  @PrimaryColumn('uuid') reference!: string;
  @Column('text', { nullable: true }) warehouse!: string | null;
  @Column(instant) at!: string;
}
export const movements = appendOnly<Movement>(MovementEntity);
