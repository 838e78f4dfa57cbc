import { describe, expect, it } from '@jest/globals';
import type { Group } from '@waybill/messaging';
import { boundOf } from './bindings.ts';
import { Names } from './names.ts';

const names = new Names('test.');
const group = (more: Partial<Group>): Group => ({
  name: 'g',
  kind: 'event',
  partitions: 2,
  bindings: [{ channel: 'order.events', pattern: 'order.placed.#' }],
  ...more,
});

describe('bindings of a group', () => {
  it('are one for each partition, with the partition as last word', () => {
    expect(boundOf(group({}), names)).toEqual([
      { to: 'test.g.0', from: 'test.order.events.by-2', pattern: 'order.placed.#.0' },
      { to: 'test.g.1', from: 'test.order.events.by-2', pattern: 'order.placed.#.1' },
    ]);
  });

  it('of the usual number of partitions are at the exchange of the channel', () => {
    const sources = boundOf(group({ partitions: 4 }), names).map(({ from }) => from);
    expect(new Set(sources)).toEqual(new Set(['test.order.events']));
  });

  it.each(['task', 'command', 'reply'] as const)(
    'of a %s lead the messages of each priority to a queue of their own',
    (kind) => {
      const work = group({ kind, partitions: 1 });
      expect(boundOf(work, names).map(({ to, pattern }) => [to, pattern])).toEqual([
        ['test.g.0.critical', 'order.placed.#.critical-0'],
        ['test.g.0.urgent', 'order.placed.#.urgent-0'],
        ['test.g.0', 'order.placed.#.0'],
        ['test.g.0.low', 'order.placed.#.low-0'],
      ]);
    },
  );

  it.each(['tasks', 'commands', 'replies'])(
    'of others on a channel of %s receive those of all priorities',
    (of) => {
      const audit = group({ partitions: 1, bindings: [{ channel: `shop.${of}`, pattern: '#' }] });
      expect(boundOf(audit, names).map(({ to, pattern }) => [to, pattern])).toEqual([
        ['test.g.0', '#.critical-0'],
        ['test.g.0', '#.urgent-0'],
        ['test.g.0', '#.0'],
        ['test.g.0', '#.low-0'],
      ]);
    },
  );

  it('with a filter go through a headers exchange, one for each combination of values', () => {
    const filter = { region: ['europe', 'world'], band: ['high'] };
    const bindings = [{ channel: 'order.announcements', pattern: '#', filter }];
    const found = boundOf(group({ partitions: 1, bindings }), names);
    expect(found.map(({ to, from, args }) => [to, from, args])).toEqual(
      ['europe', 'world'].map((region) => [
        'test.g.0',
        'test.g.filter.order.announcements.#',
        { 'x-match': 'all', 'attribute.region': region, 'attribute.band': 'high', shard: '0' },
      ]),
    );
  });

  it('with more combinations than 64 are refused', () => {
    const values = Array.from({ length: 65 }, (_, n) => String(n));
    const bindings = [{ channel: 'c.announcements', pattern: '#', filter: { a: values } }];
    expect(() => boundOf(group({ bindings }), names)).toThrow('65 combinations');
  });
});
