import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivedId, newId, partitionOf, timeOfId } from './id.ts';

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const anyTime = fc.date({
  min: new Date('2020-01-01'),
  max: new Date('2100-01-01'),
  noInvalidDate: true,
});

describe('an identifier', () => {
  it('holds its time', () => {
    fc.assert(
      fc.property(anyTime, (now) => {
        expect(newId(now)).toMatch(uuid7);
        expect(timeOfId(newId(now))).toBe(now.getTime());
      }),
    );
  });

  it('is of this moment, and another one each time', () => {
    const before = Date.now();
    const ids = Array.from({ length: 1_000 }, () => newId());
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids) {
      expect(timeOfId(id)).toBeGreaterThanOrEqual(before);
      expect(timeOfId(id)).toBeLessThanOrEqual(Date.now());
    }
  });
});

describe('a derived identifier', () => {
  const cause = '019a9c40-0000-7000-8000-000000000001';

  it('never changes, since stored messages were named by it', () => {
    expect(derivedId(cause, 'order/0')).toBe(derivedId(cause, 'order/0'));
    expect(derivedId(cause, 'order/0')).toBe('019a9c40-0000-7cab-8ff1-b1bdce49b6fb');
  });

  it('is a UUID of version 7 with the time of its cause', () => {
    fc.assert(
      fc.property(anyTime, fc.string(), (now, name) => {
        const id = derivedId(newId(now), name);
        expect(id).toMatch(uuid7);
        expect(timeOfId(id)).toBe(now.getTime());
      }),
    );
  });

  it('differs by cause and by name', () => {
    const ids = Array.from({ length: 5_000 }, (_, n) => derivedId(cause, `${n}`));
    const others = Array.from({ length: 5_000 }, () => derivedId(newId(), '0'));
    expect(new Set([...ids, ...others]).size).toBe(10_000);
  });
});

describe('the partition of a key', () => {
  it('never changes, since queues hold messages by it', () => {
    expect(
      ['', 'a', 'LAPTOP-13', '019a9c40-0000-7000-8000-000000000001', 'é😀'].map((key) =>
        partitionOf(key, 64),
      ),
    ).toEqual([5, 44, 48, 52, 33]);
  });

  it.each([2, 3, 8, 64])('spreads identifiers evenly over %i partitions', (partitions) => {
    const keys = 400 * partitions;
    const counts = new Array<number>(partitions).fill(0);
    for (let n = 0; n < keys; n += 1) {
      const partition = partitionOf(
        derivedId('019a9c40-0000-7000-8000-000000000001', `${n}`),
        partitions,
      );
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(400 * 0.75);
    expect(Math.max(...counts)).toBeLessThan(400 * 1.25);
  });

  it('is within bounds for any key', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 64 }),
        (key, partitions) => {
          const partition = partitionOf(key, partitions);
          expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(
            true,
          );
        },
      ),
    );
  });
});
