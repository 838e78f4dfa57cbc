import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { stockUp } from '../system/products.ts';
import { serversOfTests } from '../system/servers-of-tests.config.ts';
import { StoredBodies } from '../system/stored-bodies.ts';
import { TestSystem } from '../system/test-system.ts';

jest.setTimeout(300_000);

/** Above so many bytes a body goes by the blob store: less than the lines of 80 products with the longest codes. */
const storedAbove = 5_000;
const skus = Array.from({ length: 100 }, (_, n) => `MANY-LINES-${n}-`.padEnd(40, 'X'));
/** Messages with all lines of an order: an event, commands and an announcement. */
const withLines = [
  'inventory.commit-stock',
  'inventory.reserve-stock',
  'order.announced',
  'order.placed',
];

describe.each(['kafka', 'rabbitmq', 'sns-sqs', 'mixed'])(
  'the system in one process on %s',
  (brokers) => {
    let system: TestSystem;
    let bodies: StoredBodies;
    beforeAll(async () => {
      bodies = await StoredBodies.make();
      await bodies.put('test.recent', 29);
      await bodies.put('test.expired', 31);
      system = await TestSystem.start({
        ...serversOfTests,
        BROKERS: brokers,
        BROKER_NAMESPACE: `e2e-${randomUUID().slice(0, 8)}`,
        BLOBS: bodies.folder,
        CLAIM_CHECK_ABOVE_BYTES: String(storedAbove),
      });
    });
    afterAll(async () => {
      await system?.dispose();
      await bodies?.dispose();
    });

    it('confirms and rejects orders', async () => {
      const ada = await system.as('ada');
      const bought = await Promise.all([
        ada.buy(),
        ada.buy({ payment: { method: 'card', token: 'tok_declined' } }),
        ada.buy({ payment: { method: 'card', token: 'tok_capture_fails' } }),
      ]);
      expect(bought.map(({ status, reason }) => [status, reason])).toEqual([
        ['confirmed', null],
        ['rejected', 'payment_declined'],
        ['rejected', 'payment_declined'],
      ]);
    });

    it('carries orders of 80 and 100 lines by the blob store', async () => {
      const [ada, ops] = [await system.as('ada'), await system.as('ops')];
      for (const sku of skus) await stockUp(ops, sku, 2, { weightGrams: 10 });
      const large = [80, 100].map((count) =>
        ada.buy({ lines: skus.slice(0, count).map((sku) => ({ sku, quantity: 1 })) }),
      );
      const ends = (await Promise.all(large)).map(({ status, lines }) => [lines.length, status]);
      expect(ends).toEqual([
        [80, 'confirmed'],
        [100, 'confirmed'],
      ]);
      // Every group has read what it received by then.
      expect(await system.verify()).toEqual([]);
      expect(await bodies.types()).toEqual(expect.arrayContaining(withLines));
    });

    it('has removed a body of 31 days at start, and kept one of 29', async () => {
      const types = await bodies.types();
      expect(types).toContain('test.recent');
      expect(types).not.toContain('test.expired');
      expect(await system.verify()).toEqual([]);
    });
  },
);
