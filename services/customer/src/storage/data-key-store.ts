import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type DataKey, type KeySource, keyBytes, MasterKey } from '@waybill/encryption';
import { Scheduled } from '@waybill/service';
import { IsNull, Not, Repository } from 'typeorm';
import { DataKeyEntity } from './data-key.entity.ts';

/** Of the key of the service itself; no customer has an empty id. */
export const ownSubject = '';

const batchSize = 500;
/** Milliseconds. */
const minute = 60_000;

/**
 * The keys of customers, and one of the service itself (`ownSubject`). They are written outside the batches of messages, because
 * a key must be stored before a value that it encrypts exists.
 */
@Injectable()
export class DataKeyStore implements KeySource {
  constructor(
    @InjectRepository(DataKeyEntity) private readonly keys: Repository<DataKeyEntity>,
    private readonly master: MasterKey,
  ) {}

  async find(subject: string): Promise<readonly DataKey[]> {
    const found = await this.keys.find({ where: { subject }, order: { version: 'ASC' } });
    if (found.length > 0) return this.unwrapped(found);
    await this.insert(subject, 1);
    return this.unwrapped(await this.keys.findBy({ subject }));
  }

  /** A new version for new values; without effect for an erased customer. */
  async rotate(subject: string): Promise<void> {
    await this.find(subject);
    await this.locked(subject, async (keys) => {
      const found = await keys.findBy({ subject });
      const next = Math.max(...found.map(({ version }) => version)) + 1;
      if (found.every(({ wrapped }) => wrapped !== null)) await this.insert(subject, next, keys);
    });
  }

  /** Deletes the keys for good, and prevents new ones. */
  async erase(subject: string): Promise<void> {
    await this.find(subject);
    await this.locked(subject, (keys) => keys.update({ subject }, { wrapped: null, master: null }));
  }

  /** Wraps with the first master key what another one wrapped; returns how many keys. */
  @Scheduled({ name: 'key-wrapping', every: () => minute })
  async rewrap(): Promise<number> {
    const outdated = { master: Not(this.master.id), wrapped: Not(IsNull()) };
    let count = 0;
    for (;;) {
      const found = await this.keys.find({ where: outdated, take: batchSize });
      for (const { subject, version, wrapped } of found) {
        const again = this.wrapped(subject, this.master.unwrap(wrapped as string, subject));
        await this.keys.update({ subject, version, wrapped: wrapped as string }, again);
      }
      count += found.length;
      if (found.length < batchSize) return count;
    }
  }

  private unwrapped(found: readonly DataKeyEntity[]): readonly DataKey[] {
    return found.flatMap(({ subject, version, wrapped }) =>
      wrapped === null ? [] : [{ version, key: this.master.unwrap(wrapped, subject) }],
    );
  }

  /** A rotation and an erasure of the same customer follow each other. */
  private async locked(
    subject: string,
    change: (keys: Repository<DataKeyEntity>) => Promise<unknown>,
  ): Promise<void> {
    await this.keys.manager.transaction(async (manager) => {
      const keys = manager.getRepository(DataKeyEntity);
      const mode = 'pessimistic_write';
      await keys.findOneOrFail({ where: { subject, version: 1 }, lock: { mode } });
      await change(keys);
    });
  }

  private async insert(subject: string, version: number, keys = this.keys): Promise<void> {
    const fresh = this.wrapped(subject, randomBytes(keyBytes));
    await keys
      .createQueryBuilder()
      .insert()
      .values({ subject, version, ...fresh })
      .orIgnore()
      .execute();
  }

  private wrapped(subject: string, key: Buffer): Pick<DataKeyEntity, 'wrapped' | 'master'> {
    return { wrapped: this.master.wrap(key, subject), master: this.master.id };
  }
}
