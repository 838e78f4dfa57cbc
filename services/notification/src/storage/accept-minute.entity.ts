import { instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many orders a gateway has answered in one minute, and how many of them badly. */
@Entity('accept_minutes')
export class AcceptMinuteEntity {
  @PrimaryColumn('text') source!: string;
  @PrimaryColumn(instant) at!: string;
  @Column('integer') total!: number;
  @Column('integer') bad!: number;
}
