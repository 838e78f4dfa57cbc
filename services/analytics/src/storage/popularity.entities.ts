import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** What analytics knows of a product. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly priceAmount: number;
  readonly priceCurrency: string;
  /** It is not on sale: not recommended, and its views do not count. */
  readonly withdrawn: boolean;
}

/** One row per product of the catalogue, and per withdrawn one. */
@Entity('products')
export class ProductEntity implements Product {
  @PrimaryColumn('text') sku!: string;
  @Column('text') name!: string;
  @Column('text') category!: string;
  @Column(bigint) priceAmount!: number;
  @Column('text') priceCurrency!: string;
  @Column('boolean') withdrawn!: boolean;
  @VersionColumn(bigint) version!: number;
}
export const products = states<Product>(ProductEntity);

/** How often a product was viewed and sold, and for how much. */
@Entity('product_counts')
export class ProductCountsEntity {
  @PrimaryColumn('text', { collation: 'C' }) sku!: string;
  @Column(bigint) views!: number;
  @Column(bigint) units!: number;
  @Column(bigint) revenue!: number;
}

/** How much a customer has bought. */
@Entity('customer_counts')
export class CustomerCountsEntity {
  @PrimaryColumn('text', { collation: 'C' }) customerId!: string;
  @Column(bigint) orders!: number;
  @Column(bigint) spent!: number;
  @VersionColumn({ ...bigint, default: 1 }) version!: number;
}
export const customerCounts = states(CustomerCountsEntity);

/** A customer who was erased, so that a late message counts nothing for it. */
@Entity('erased_customers')
export class ErasedCustomerEntity {
  @PrimaryColumn('text') customerId!: string;
}

/** How often two products were bought in one order, or viewed in one session. */
@Entity('product_pairs')
export class ProductPairEntity {
  @PrimaryColumn('text') kind!: 'bought' | 'viewed';
  @PrimaryColumn('text') sku!: string;
  @PrimaryColumn('text') other!: string;
  @Column(bigint) times!: number;
}

/** A product that a session has viewed. */
@Entity('session_views')
export class SessionViewEntity {
  @PrimaryColumn('text') sessionId!: string;
  @PrimaryColumn('text') sku!: string;
  @Column(instant) at!: string;
}

/** The id of an activity or an order that was counted. */
@Entity('counted')
export class CountedEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column(instant) at!: string;
}

/** Why a product is recommended. */
export type RecommendationReason = 'bought_together' | 'viewed_together' | 'best_seller';

/** The products that go with a product, the best first. */
@Entity('recommendations')
export class RecommendationEntity {
  @PrimaryColumn('text') sku!: string;
  @Column('jsonb') items!: readonly {
    readonly sku: string;
    readonly reason: RecommendationReason;
  }[];
  @Column(instant) at!: string;
}
