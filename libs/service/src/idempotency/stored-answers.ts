import type { Idempotency, KeptAnswer } from '@waybill/http';
import type { DecideContext } from '@waybill/messaging';
import { bigint, instant, states } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** The stored response of an idempotency key: its bytes as they were sent. */
@Entity('idempotency_keys')
export class StoredAnswerEntity implements Idempotency, KeptAnswer {
  /** SHA-256 of caller, route and key. */
  @PrimaryColumn('text', { collation: 'C' }) readonly id!: string;
  @Column('text') readonly bodyHash!: string;
  @Column('integer') readonly status!: number;
  @Column('text') readonly location!: string;
  @Column('text') readonly body!: string;
  @Column(instant) readonly storedAt!: string;
  @VersionColumn(bigint) readonly version!: number;
}
export type StoredAnswer = Omit<StoredAnswerEntity, 'version'>;

/** The responses by idempotency key, for decisions to read and to write. */
export const storedAnswers = states(StoredAnswerEntity);

/** The key was used for another request. */
export class IdempotencyKeyReused extends Error {
  readonly code = 'idempotency_key_reused';
  readonly retriable = false;
  constructor() {
    super('this Idempotency-Key was used for another request; use a new key for a new request');
    this.name = 'IdempotencyKeyReused';
  }
}

/** The state of a request's key, for a handler's `also`. */
export const storedAnswerRefs = (idempotency: Idempotency | null) =>
  idempotency ? [storedAnswers.at(idempotency.id)] : [];

/** The response that the key of a request got before. Throws `IdempotencyKeyReused` if that was another request. */
export function storedAnswerOf(
  idempotency: Idempotency | null,
  { read }: Pick<DecideContext<unknown>, 'read'>,
): StoredAnswer | undefined {
  const stored = idempotency && read(storedAnswers.at(idempotency.id));
  if (!stored) return undefined;
  if (stored.bodyHash !== idempotency.bodyHash) throw new IdempotencyKeyReused();
  return stored;
}

/** Stores the response of a request with a key, in the commit that makes it. */
export const storeAnswer = (idempotency: Idempotency | null, answer: KeptAnswer, at: string) =>
  idempotency ? [storedAnswers.put({ ...idempotency, ...answer, storedAt: at })] : [];
