import { instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a goal has seen in one minute. */
@Entity('slo_minutes')
export class SloMinuteEntity {
  @PrimaryColumn('text') goal!: string;
  @PrimaryColumn(instant) at!: string;
  @Column('integer') total!: number;
  @Column('integer') bad!: number;
}
