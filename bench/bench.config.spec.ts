import { expect, it } from '@jest/globals';
import { benchOptions, help } from './bench.config.ts';

it('measures the embedded broker with both kinds of sandboxes in one process by default', () => {
  const options = benchOptions([]);
  expect(options).toMatchObject({
    brokers: ['embedded'],
    sandboxes: ['in-process', 'http'],
    layouts: ['one'],
    recovery: false,
    profile: false,
  });
  expect(options?.sizes).toMatchObject({ orders: 6_000, rounds: 3, backlog: 0 });
});

it('warms up long enough for the compiler, also when it is to be quick', () => {
  expect(benchOptions([])?.sizes.warmUp).toBeGreaterThanOrEqual(2_500);
  expect(benchOptions(['--quick'])?.sizes.warmUp).toBeGreaterThanOrEqual(2_500);
});

it.each([
  [['--orders', 'many'], '--orders: "many" is not a whole number from 1'],
  [['--orders', '0'], '--orders: "0" is not a whole number from 1'],
  [['--rounds', '1.5'], '--rounds: "1.5" is not a whole number from 1'],
  [
    ['--brokers', 'kafka,carrier-pigeon'],
    '--brokers: there is no "carrier-pigeon"; there are embedded',
  ],
  [['--layout', ''], '--layout: there is no ""; there are one, processes'],
])('refuses %j', (args, reason) => {
  expect(() => benchOptions(args)).toThrow(reason);
});

it('explains every flag', () => {
  expect(benchOptions(['--help'])).toBeNull();
  for (const flag of [
    'brokers',
    'sandboxes',
    'layout',
    'orders',
    'rounds',
    'quick',
    'recovery',
    'backlog',
    'peers',
    'profile',
    'streams',
    'aged',
    'aged-orders',
  ]) {
    expect(help).toContain(`--${flag} `);
  }
});
