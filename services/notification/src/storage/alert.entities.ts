import { instant } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Alert, AlertState, Silence } from '../domain/alert.ts';
import type { Severity } from '../domain/alert-rules.ts';
import type { Observation, ObservedProcess } from '../domain/observation.ts';

const optional = { ...instant, nullable: true } as const;

/** One row per alert. */
@Entity('alerts')
export class AlertEntity implements Alert {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') rule!: string;
  @Column('text') severity!: Severity;
  @Column('text') service!: string;
  @Column('text', { name: 'check_name' }) check!: string;
  @Column('text', { nullable: true }) about!: string | null;
  @Column('double precision', { nullable: true }) value!: number | null;
  @Column('double precision', { nullable: true }) threshold!: number | null;
  @Column('text') unit!: string;
  @Column('text') state!: AlertState;
  @Column(instant) startedAt!: string;
  @Column(instant) lastSeenAt!: string;
  @Column(optional) acknowledgedAt!: string | null;
  @Column('text', { nullable: true }) acknowledgedBy!: string | null;
  @Column(optional) resolvedAt!: string | null;
  @Column(optional) notifiedAt!: string | null;
}

/** One row per silence. */
@Entity('alert_silences')
export class SilenceEntity implements Silence {
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { nullable: true }) rule!: string | null;
  @Column('text', { nullable: true }) service!: string | null;
  @Column('text') comment!: string;
  @Column('text') createdBy!: string;
  @Column(instant) createdAt!: string;
  @Column(instant) endsAt!: string;
}

/** The latest observation of each gateway. */
@Entity('alert_observations')
export class ObservationEntity implements Observation {
  @PrimaryColumn('text') source!: string;
  @Column(instant) at!: string;
  @Column('jsonb') processes!: readonly ObservedProcess[];
}
