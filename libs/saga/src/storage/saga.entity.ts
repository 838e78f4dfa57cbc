import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { SagaLogEntry, SagaPhase, SagaState, SagaStatus } from '../saga-state.ts';

@Entity('sagas', { synchronize: false })
export class SagaEntity implements SagaState {
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
  @Column({ ...instant, nullable: true }) dueAt!: string | null;
  @Column('integer') attempts!: number;
  @Column('boolean') stuck!: boolean;
  @Column('text', { nullable: true }) cancelRequested!: string | null;
  @Column(instant) startedAt!: string;
  @Column(instant) updatedAt!: string;
  /** Written by releases before the log moved to the journey; a later migration drops it. */
  @Column({ type: 'jsonb', default: [], select: false, insert: false, update: false })
  log!: SagaLogEntry[];
  @VersionColumn(bigint) version!: number;
}

/** The rows of all sagas of a service, by `sagaId`. */
export const sagas = states<SagaState>(SagaEntity, {
  seldom: ['saga', 'definitionVersion', 'key', 'data', 'startedAt'],
});
