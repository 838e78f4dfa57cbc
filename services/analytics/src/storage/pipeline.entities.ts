import { bigint, instant, states } from '@waybill/persistence';
import type { KeyedState, Seen, SessionState, WindowState } from '@waybill/streams';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { SessionSums } from '../domain/session-sums.ts';
import type { VisitorSums } from '../domain/visitor-sums.ts';

abstract class KeyedStateEntity<S> implements KeyedState<S> {
  @PrimaryColumn('text') id!: string;
  @Column('jsonb') state!: S | null;
  @Column('boolean') waiting!: boolean;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}

/** How many activities a session id has. */
@Entity('session_activities')
export class SessionActivitiesEntity extends KeyedStateEntity<number> {}
export const sessionActivities = states<KeyedState<number>>(SessionActivitiesEntity);

/** How many activities a visitor has. */
@Entity('visitor_activities')
export class VisitorActivitiesEntity extends KeyedStateEntity<number> {}
export const visitorActivities = states<KeyedState<number>>(VisitorActivitiesEntity);

/** The windows of a visitor that may still change. */
@Entity('window_states')
export class WindowStateEntity extends KeyedStateEntity<WindowState<VisitorSums>> {}
export const windowStates = states<KeyedState<WindowState<VisitorSums>>>(WindowStateEntity);

/** The sessions of a session id that may still change. */
@Entity('session_states')
export class SessionStateEntity extends KeyedStateEntity<SessionState<SessionSums>> {}
export const sessionStates = states<KeyedState<SessionState<SessionSums>>>(SessionStateEntity);

/** An activity that entered the pipeline. */
@Entity('enriched_activities')
export class EnrichedActivityEntity implements Seen {
  @PrimaryColumn('uuid') id!: string;
  @Column(instant) at!: string;
  @VersionColumn(bigint) version!: number;
}
export const enrichedActivities = states<Seen>(EnrichedActivityEntity);

/** What analytics knows of a customer. */
export interface CustomerProfile {
  readonly customerId: string;
  readonly locale: string | null;
  readonly registeredAt: string | null;
}

/** One row per customer. */
@Entity('customer_profiles')
export class CustomerProfileEntity implements CustomerProfile {
  @PrimaryColumn('text') customerId!: string;
  @Column('text', { nullable: true }) locale!: string | null;
  @Column({ ...instant, nullable: true }) registeredAt!: string | null;
  @VersionColumn(bigint) version!: number;
}
export const customerProfiles = states<CustomerProfile>(CustomerProfileEntity);
