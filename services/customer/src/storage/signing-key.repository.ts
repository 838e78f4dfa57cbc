import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { SigningKeyEntity } from './access.entities.ts';

/** A key as it is stored. */
export interface StoredKey extends Pick<SigningKeyEntity, 'id' | 'publicKey' | 'privateKey'> {
  /** False while it is only published, so that every verifier knows it before it signs. */
  readonly signs: boolean;
}

/** When keys are made and forgotten, in milliseconds. */
export interface KeyTimes {
  /** A key that is older is replaced. */
  readonly life: number;
  /** How long a key is published before it signs. */
  readonly notice: number;
  /** How long a key is published once the next one signs: until its last token has expired. */
  readonly afterglow: number;
}

const columns = `id, public_key AS "publicKey", private_key AS "privateKey",
  signs_from <= waybill_now() AS signs`;
const newestFirst = 'ORDER BY signs_from DESC, id';

/** Reads and writes the keys of all replicas. Times are those of the database. */
@Injectable()
export class SigningKeyRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest first. */
  all(): Promise<StoredKey[]> {
    return this.dataSource.query(`SELECT ${columns} FROM signing_keys ${newestFirst}`);
  }

  /**
   * Adds a key unless `isNeeded` says that those there are will do. One replica at a time decides. Resolves with when the newest
   * key signs.
   */
  addIfNeeded(
    isNeeded: (newest: NewestKey | undefined, all: readonly StoredKey[]) => number | null,
    make: () => Promise<Omit<StoredKey, 'signs'>>,
  ): Promise<NewestKey> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtext('signing_keys'))`);
      const all: StoredKey[] = await manager.query(
        `SELECT ${columns} FROM signing_keys ${newestFirst}`,
      );
      const notice = isNeeded(await newestOf(manager), all);
      if (notice !== null) {
        const { id, publicKey, privateKey } = await make();
        await manager.query(
          `INSERT INTO signing_keys (id, public_key, private_key, created_at, signs_from)
            VALUES ($1, $2, $3, waybill_now(), waybill_now() + $4 * interval '1 millisecond')`,
          [id, JSON.stringify(publicKey), privateKey, notice],
        );
      }
      return (await newestOf(manager)) as NewestKey;
    });
  }

  /** Deletes the keys whose successor has signed for longer than `ms`. */
  async forget(ms: number): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM signing_keys k WHERE EXISTS (SELECT FROM signing_keys s WHERE s.signs_from > k.signs_from
        AND s.signs_from < waybill_now() - $1 * interval '1 millisecond')`,
      [ms],
    );
  }
}

/** The key that was added last. */
export interface NewestKey {
  readonly id: string;
  readonly ageMs: number;
  readonly signsFrom: Date;
  readonly signs: boolean;
}

async function newestOf(manager: EntityManager): Promise<NewestKey | undefined> {
  const [newest] = await manager.query(
    `SELECT id, signs_from AS "signsFrom", signs_from <= waybill_now() AS signs,
      (extract(epoch FROM waybill_now() - created_at) * 1000)::float8 AS "ageMs"
      FROM signing_keys ${newestFirst} LIMIT 1`,
  );
  return newest;
}
