import { bigint, instant } from '@waybill/persistence';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a visitor did in a window of 60 seconds: the newest result. */
@Entity('window_metrics')
export class WindowMetricsEntity {
  @PrimaryColumn('text', { collation: 'C' }) visitor!: string;
  @PrimaryColumn(instant) startedAt!: string;
  @Column(instant) endedAt!: string;
  @Column(bigint) activities!: number;
  @Column(bigint) pageViews!: number;
  @Column(bigint) uniquePages!: number;
  @Column(bigint) purchases!: number;
  @Column(bigint) spend!: number;
  @Column(bigint) revision!: number;
}

/** What happened in a session: the newest result. */
@Entity('session_metrics')
@Index('session_metrics_by_time', ['startedAt', 'sessionId'])
@Index('session_metrics_by_customer', ['customerId', 'startedAt'])
export class SessionMetricsEntity {
  @PrimaryColumn('text', { collation: 'C' }) sessionId!: string;
  @PrimaryColumn(instant) startedAt!: string;
  @Column(instant) endedAt!: string;
  @Column('text', { nullable: true }) customerId!: string | null;
  @Column('text', { nullable: true }) country!: string | null;
  @Column(bigint) activities!: number;
  @Column(bigint) pageViews!: number;
  @Column(bigint) spend!: number;
  @Column('text', { nullable: true }) entryPage!: string | null;
  @Column('text', { nullable: true }) exitPage!: string | null;
  @Column('jsonb') pages!: readonly {
    readonly path: string;
    readonly category: string;
    readonly views: number;
  }[];
  @Column('jsonb') types!: readonly { readonly type: string; readonly times: number }[];
  @Column(bigint) revision!: number;
}
