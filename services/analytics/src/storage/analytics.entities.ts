import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { OrderCounts, RegionSales } from '../domain/order-counts.ts';

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
