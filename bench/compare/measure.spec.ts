import { expect, it } from '@jest/globals';
import { Servers } from '../servers.ts';
import { type Carrier, carriers } from './carrier.ts';
import { compareOptions } from './compare.config.ts';
import { compareOn } from './measure.ts';

it('measures the embedded broker, and loses nothing confirmed when its process is killed', async () => {
  const servers = await Servers.open([], {}, () => {});
  const embedded = carriers.find(({ name }) => name === 'embedded') as Carrier;
  const sizes = { warmUp: 10, messages: 100, single: 10, killed: 200 };
  const found = await compareOn(embedded, sizes, servers);
  expect(found.perSecond).toBeGreaterThan(0);
  expect(found.p50Ms).toBeLessThanOrEqual(found.p99Ms);
  expect(found.consumerKilled).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0 });
  expect(found.serverKilled).toBeNull();
}, 120_000);

it('compares everything unless told otherwise', () => {
  expect(compareOptions([])?.names).toEqual(carriers.map(({ name }) => name));
  expect(compareOptions(['--brokers', 'redis, kafka', '--quick', '--json'])).toMatchObject({
    names: ['redis', 'kafka'],
    json: true,
    sizes: { killed: 1_000 },
  });
  expect(() => compareOptions(['--brokers', 'pulsar'])).toThrow('there is no "pulsar"');
  expect(compareOptions(['--help'])).toBeNull();
});
