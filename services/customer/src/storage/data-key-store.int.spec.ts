import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MasterKey } from '@waybill/encryption';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { customerStorage } from './customer.storage.ts';
import { DataKeyEntity } from './data-key.entity.ts';
import { DataKeyStore } from './data-key-store.ts';

const [old, fresh] = ['o', 'f'].map((letter) => letter.repeat(32)) as [string, string];
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(customerStorage);
}, 60_000);
afterAll(() => database?.close());

const storeWith = (masters: string): DataKeyStore =>
  new DataKeyStore(database.dataSource.getRepository(DataKeyEntity), new MasterKey(masters));

describe('the keys of a customer', () => {
  it('begin with one, also when many ask at once', async () => {
    const store = storeWith(old);
    const found = await Promise.all(Array.from({ length: 10 }, () => store.find('ada')));
    expect(new Set(found.map(([first]) => first?.key.toString('hex'))).size).toBe(1);
    expect(found[0]).toMatchObject([{ version: 1 }]);
  });

  it('get a new version, and keep the old ones', async () => {
    const store = storeWith(old);
    const [first] = await store.find('grace');
    await store.rotate('grace');
    expect(await store.find('grace')).toMatchObject([first, { version: 2 }]);
  });

  it('are deleted for good, also those that never were', async () => {
    const store = storeWith(old);
    for (const subject of ['emmy', 'nobody']) {
      if (subject === 'emmy') await store.rotate(subject);
      await store.erase(subject);
      await store.rotate(subject);
      expect(await store.find(subject)).toEqual([]);
    }
  });

  it('are wrapped again by a new master key, after which the old one is not needed', async () => {
    const before = await storeWith(old).find('ada');
    expect(await storeWith(`${fresh},${old}`).rewrap()).toBeGreaterThan(0);
    expect(await storeWith(fresh).find('ada')).toEqual(before);
    expect(await storeWith(fresh).rewrap()).toBe(0);
  });
});
