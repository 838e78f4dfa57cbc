import { describe, expect, it } from '@jest/globals';
import { states, stream } from './state.ts';
import { counters } from './testing/counters.fixture.ts';
import { WorkingCopy } from './working-copy.ts';

interface Sum {
  readonly id: string;
  readonly total: number;
}
const columns = { id: 'text', total: 'bigint' } as const;
const shared = states<Sum>({ table: 'shared', id: 'id', columns, shared: true });
const sums = stream<Sum, { type: 'added'; data: { n: number } }>({
  table: 'sums',
  events: 'sum_events',
  id: 'id',
  columns,
  evolve: (sum, { data }, { id }) => ({ id, total: (sum?.total ?? 0) + data.n }),
});
const added = (n: number) => ({ type: 'added' as const, data: { n } });
const before = { value: { id: 'a', total: 1 }, version: 4 };
const copyOf = () => new WorkingCopy((name) => (name === 'counters/a' ? before : undefined));
const at = '2026-01-01T00:00:00.000Z';
const put = (total: number) => counters.put({ id: 'a', total });

describe('the states of a batch', () => {
  it('are written once, from the version that was loaded', () => {
    const copy = copyOf();
    for (const total of [2, 3]) copy.apply([put(total)], at, 'm', () => undefined);
    expect(copy.read(counters.at('a'))).toEqual({ id: 'a', total: 3 });
    expect(copy.writes().states).toMatchObject([
      { id: 'a', value: { total: 3 }, before: { total: 1 }, loaded: 4, version: 6 },
    ]);
  });

  it('that were only looked at are told with their versions, but for those that are locked', () => {
    const copy = copyOf();
    copy.read(counters.at('a'));
    copy.read(counters.at('none'));
    copy.read(shared.at('s'));
    expect(copy.writes()).toMatchObject({
      states: [],
      reads: [
        { id: 'a', version: 4 },
        { id: 'none', version: 0 },
      ],
    });
  });

  it('are as before when a decision cannot be carried out, whatever it has changed by then', () => {
    const copy = copyOf();
    copy.apply([sums.append('s', added(1))], at, 'm', () => undefined);
    const changes = [put(2), put(3), sums.append('s', added(5), added(7))];
    const fails = () => {
      throw new Error('too large');
    };
    expect(() => copy.apply(changes, at, 'n', fails)).toThrow('too large');
    expect([copy.read(counters.at('a')), copy.version(counters.at('a'))]).toEqual([
      before.value,
      before.version,
    ]);
    expect(copy.read(sums.at('s'))).toEqual({ id: 's', total: 1 });
    expect(copy.writes().events).toMatchObject([{ streamId: 's', version: 1, messageId: 'm' }]);
  });

  it('number their events from the version of their stream on', () => {
    const copy = new WorkingCopy(() => ({ value: { id: 's', total: 1 }, version: 6 }));
    copy.apply([sums.append('s', added(1), added(2))], at, 'm', () => undefined);
    expect(copy.writes().events.map(({ version }) => version)).toEqual([7, 8]);
    expect(copy.version(sums.at('s'))).toBe(8);
  });

  it('are no streams unless they are declared as such', () => {
    const change = { kind: 'append', ref: counters.at('a'), events: [added(1)] } as never;
    expect(() => copyOf().apply([change], at, 'm', () => undefined)).toThrow('is no stream');
  });
});
