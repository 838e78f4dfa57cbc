import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import { usersOf } from './users.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-users-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('has a user for every service of the topology and for the gateway, which has no database', () => {
  const users = usersOf(folder, declaredTopology());
  expect(users.withDatabase).toEqual([
    'analytics',
    'customer',
    'inventory',
    'notification',
    'order',
    'payment',
    'shipping',
  ]);
  expect(users.services).toEqual([...users.withDatabase, 'gateway']);
});

it('draws passwords once, and keeps them where only their owner can read', () => {
  const first = usersOf(folder, declaredTopology());
  const again = usersOf(folder, declaredTopology());
  const drawn = ['admin', ...first.services].map((user) => first.password(user));
  expect(new Set(drawn).size).toBe(first.services.length + 1);
  expect(['admin', ...first.services].map((user) => again.password(user))).toEqual(drawn);
  const file = join(folder, 'passwords.json');
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain(first.password('order'));
});

it('says which services there are when it is asked for another', () => {
  const users = usersOf(folder, declaredTopology());
  expect(() => users.password('refund')).toThrow(/no service "refund": there are analytics, /);
});

it('names the file of its passwords when that is damaged, and draws no others', () => {
  const file = join(folder, 'passwords.json');
  for (const text of ['', '{"admin":']) {
    writeFileSync(file, text);
    expect(() => usersOf(folder, declaredTopology())).toThrow(/passwords.json is (empty|damaged)/);
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
});
