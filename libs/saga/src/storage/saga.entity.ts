import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SagaPhase, SagaStatus } from '../saga-state.ts';

/** The saga table for what is not on the hot path: lists, views, checks. */
@Entity('sagas')
export class SagaEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') saga!: string;
  @Column('integer') definitionVersion!: number;
  @Column('text') key!: string;
  @Column('text') status!: SagaStatus;
  @Column('text') step!: string;
  @Column('text') phase!: SagaPhase;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('jsonb') data!: unknown;
  @Column('jsonb') undoing!: string[];
  @Column('timestamptz', { nullable: true }) dueAt!: Date | null;
  @Column('integer') attempts!: number;
  @Column('boolean') stuck!: boolean;
  @Column('text', { nullable: true }) cancelRequested!: string | null;
  @Column('timestamptz') startedAt!: Date;
  @Column('timestamptz') updatedAt!: Date;
  @Column('bigint') version!: string;
}
