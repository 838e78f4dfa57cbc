import { instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A version of the key of a customer. Without `wrapped` the key was deleted, and no other is made for this customer. */
@Entity('data_keys')
export class DataKeyEntity {
  @PrimaryColumn('text', { collation: 'C' }) subject!: string;
  @PrimaryColumn('integer') version!: number;
  @Column('text', { nullable: true }) wrapped!: string | null;
  /** The id of the master key that wrapped it. */
  @Column({ type: 'text', nullable: true, collation: 'C' }) master!: string | null;
  @Column({ ...instant, default: () => 'waybill_now()' }) readonly madeAt!: string;
}
