import { expect, it } from '@jest/globals';
import { sayMissing } from './missing.ts';
import { aptPackages } from './packages.ts';

const redis = { what: 'redis-server', apt: ['redis-server'], brew: ['redis'] };
const java = {
  what: 'Java 17 or newer and Maven',
  apt: ['default-jre-headless', 'maven'],
  brew: ['openjdk', 'maven'],
};

it('says in one line what to install, as people do it on their machine', () => {
  expect(sayMissing(redis, 'apt')).toBe(
    'redis-server is not installed: apt-get install redis-server',
  );
  expect(sayMissing(java, 'brew')).toBe(
    'Java 17 or newer and Maven is not installed: brew install openjdk maven',
  );
  expect(sayMissing(redis, 'none')).toBe('redis-server is not installed');
});

it('installs each package once', () => {
  expect(aptPackages([redis, java, redis])).toEqual([
    'redis-server',
    'default-jre-headless',
    'maven',
  ]);
});
