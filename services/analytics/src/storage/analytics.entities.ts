import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import type { OrderCounts, RegionSales } from '../domain/order-counts.ts';
import type { OrderFacts } from '../domain/order-facts.ts';

/** A few rows per minute and currency. */
@Entity('order_counts')
export class OrderCountsEntity implements OrderCounts {
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column(instant) minute!: string;
  @Column('text') currency!: string;
  @Column(bigint) placed!: number;
  @Column(bigint) confirmed!: number;
  @Column(bigint) rejected!: number;
  @Column(bigint) cancelled!: number;
  @Column(bigint) revenue!: number;
  @VersionColumn(bigint) version!: number;
}
export const orderCounts = states<OrderCounts>(OrderCountsEntity);

/** A few rows per minute, currency, region and shipping method. */
@Entity('region_sales')
export class RegionSalesEntity implements RegionSales {
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column(instant) minute!: string;
  @Column('text') currency!: string;
  @Column('text') region!: string;
  @Column('text') shippingMethod!: string;
  @Column(bigint) orders!: number;
  @Column(bigint) revenue!: number;
  @VersionColumn(bigint) version!: number;
}
export const regionSales = states<RegionSales>(RegionSalesEntity);

/** One row per order. */
@Entity('order_facts')
@Index('order_facts_by_time', ['placedAt', 'orderId'])
export class OrderFactsEntity implements OrderFacts {
  @PrimaryColumn('uuid') orderId!: string;
  @Column('text') customerId!: string;
  @Column('text') country!: string;
  @Column(bigint) amount!: number;
  @Column('text') currency!: string;
  @Column('boolean') highValue!: boolean;
  @Column(instant) placedAt!: string;
  @Column({ ...instant, nullable: true }) settledAt!: string | null;
  @Column('text', { nullable: true }) outcome!: OrderFacts['outcome'];
  @VersionColumn(bigint) version!: number;
}
export const orderFacts = states<OrderFacts>(OrderFactsEntity);
