import { expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import { type InvalidConfig, readSettings } from '@waybill/service';
import { usersWith } from '@waybill/stack';
import { passwordVariable } from './environments.ts';
import { prepareConfig } from './prepare.config.ts';

const DATABASE_URL = 'postgres://admin:grapefruit@postgres:5432/postgres';
const names = usersWith({}, declaredTopology()).services.map(passwordVariable);
const passwords = Object.fromEntries(names.map((name) => [name, `${name}-grapefruit`]));
const read = (env: Record<string, string>) => readSettings('prepare', env, [prepareConfig])[0];
const problems = (env: Record<string, string>): readonly string[] => {
  try {
    read(env);
    return [];
  } catch (error) {
    return (error as InvalidConfig).problems;
  }
};

it('makes users where every service has a password', () => {
  const { users } = read({ DATABASE_URL, ...passwords });
  expect(users?.password('order')).toBe('ORDER_PASSWORD-grapefruit');
  expect(users?.password('gateway')).toBe('GATEWAY_PASSWORD-grapefruit');
});

it('makes none where nobody has one: then the servers have them', () => {
  expect(read({ DATABASE_URL }).users).toBeNull();
});

it('tells who lacks a password when others have one', () => {
  const { ORDER_PASSWORD: _, GATEWAY_PASSWORD: __, ...rest } = passwords;
  expect(problems({ DATABASE_URL, ...rest })).toEqual([
    expect.stringContaining('ORDER_PASSWORD'),
    expect.stringContaining('GATEWAY_PASSWORD'),
  ]);
});

it('refuses passwords that are for development where it prepares for production', () => {
  const development = { ...passwords, SHIPPING_PASSWORD: 'shipping-development-password' };
  expect(problems({ DATABASE_URL, ...development, WAYBILL_DEPLOYED: 'true' })).toEqual([
    'SHIPPING_PASSWORD has a development password, which a deployed service refuses',
  ]);
  expect(problems({ DATABASE_URL, ...development })).toEqual([]);
});
