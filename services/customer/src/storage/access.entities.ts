import { bigint, instant, states } from '@waybill/persistence';
import type { JWK } from 'jose';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { Session, SessionEnd } from '../domain/session.ts';

/** One row per sign-in, until long after its refresh token has expired. */
@Entity('sessions')
export class SessionEntity implements Session {
  @PrimaryColumn('uuid') id!: string;
  @Column({ type: 'text', collation: 'C' }) customerId!: string;
  @Column(instant) startedAt!: string;
  @Column('text', { default: '' }) familyHash!: string;
  @Column('text') tokenHash!: string;
  @Column(instant) refreshedAt!: string;
  @Column(instant) expiresAt!: string;
  @Column({ ...instant, nullable: true }) endedAt!: string | null;
  @Column('text', { nullable: true }) endReason!: SessionEnd | null;
  @VersionColumn(bigint) version!: number;
}
export const sessions = states<Session>(SessionEntity);

/** The keys that sign tokens: one row per key, until its tokens have expired. */
@Entity('signing_keys')
export class SigningKeyEntity {
  @PrimaryColumn('text') id!: string;
  @Column('jsonb') publicKey!: JWK;
  /** Wrapped by the master key. */
  @Column('text') privateKey!: string;
  @Column(instant) createdAt!: string;
  /** It is published at once, and signs from then on. */
  @Column(instant) signsFrom!: string;
}

/** Wrong passwords of the last minute: one row per account, by a hash of its e-mail address. */
@Entity('wrong_passwords')
export class WrongPasswordsEntity {
  @PrimaryColumn('text', { collation: 'C' }) account!: string;
  @Column(instant) since!: string;
  @Column('integer') count!: number;
}
