import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { schemaChanges, type TestDatabase, testDatabase } from '@waybill/testing';
import { customerInvariants } from './customer.invariants.ts';
import { customerStorage } from './customer.storage.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(customerStorage);
}, 60_000);
afterAll(() => database?.close());

describe('the database of customer', () => {
  it('has the tables that its entities are', async () => {
    expect(await schemaChanges(database.dataSource)).toEqual([]);
  });

  it('gives an e-mail address to one account, and an account one address', async () => {
    const id = newId();
    const own = (hash: string) =>
      database.pool.query('insert into email_owners values ($1, $2, 1)', [hash, id]);
    await own('one');
    await expect(own('another')).rejects.toThrow(/email_owners_of_customer/);
    expect(await customerInvariants(database.dataSource)).toEqual([
      `customer: an e-mail address or a password belongs to no account (1, such as ${id})`,
    ]);
    await database.pool.query('delete from email_owners');
  });
});
