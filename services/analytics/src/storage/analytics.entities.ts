import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';

/** PostgreSQL gives bigint as text; every one of ours is a safe integer. */
const safeInteger: ValueTransformer = { from: Number, to: (value: number) => value };

@Entity('order_counts')
export class OrderCountsEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('timestamptz')
  minute!: Date;

  @Column('text')
  currency!: string;

  @Column('bigint', { transformer: safeInteger })
  placed!: number;

  @Column('bigint', { transformer: safeInteger })
  confirmed!: number;

  @Column('bigint', { transformer: safeInteger })
  rejected!: number;

  @Column('bigint', { transformer: safeInteger })
  cancelled!: number;

  @Column('bigint', { transformer: safeInteger })
  revenue!: number;
}

@Entity('region_sales')
export class RegionSalesEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('timestamptz')
  minute!: Date;

  @Column('text')
  currency!: string;

  @Column('text')
  region!: string;

  @Column('text')
  shippingMethod!: string;

  @Column('bigint', { transformer: safeInteger })
  orders!: number;

  @Column('bigint', { transformer: safeInteger })
  revenue!: number;
}
