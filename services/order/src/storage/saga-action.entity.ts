import { appendOnly, instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an operator did to a saga: the audit, which outlives the log of the saga. */
@Entity('saga_actions')
export class SagaActionEntity {
  @PrimaryColumn('uuid') readonly id!: string;
  @Column('text') readonly sagaId!: string;
  @Column('uuid') readonly orderId!: string;
  @Column('text') readonly action!: 'retry' | 'compensate';
  /** The step at which the saga was. */
  @Column('text') readonly step!: string;
  /** The name of the operator. */
  @Column('text') readonly by!: string;
  @Column(instant) readonly at!: string;
}
export const sagaActions = appendOnly(SagaActionEntity);
