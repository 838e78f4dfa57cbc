import { describe, expect, it } from '@jest/globals';
import { stateTable, streamTable } from './state.ts';
import type { Loaded } from './store.ts';
import { counters } from './testing/counters.fixture.ts';
import { WorkingCopy } from './working-copy.ts';

interface Sum {
  readonly id: string;
  readonly total: number;
}
const shared = stateTable<Sum>({ table: 'shared', id: 'id', shared: true });
const sums = streamTable<Sum, { type: 'added'; data: { n: number } }>({
  table: 'sums',
  events: 'sum_events',
  id: 'id',
  evolve: (sum, { data }, { id }) => ({ id, total: (sum?.total ?? 0) + data.n }),
});
const added = (n: number) => ({ type: 'added' as const, data: { n } });
const before = { value: { id: 'a', total: 1 }, version: 4 };
const rows: Readonly<Record<string, Loaded>> = {
  'counters/a': before,
  'shared/s': { value: { id: 's', total: 1 }, version: 7 },
};
const stored = (name: string) => rows[name];
const copyOf = () => new WorkingCopy((name) => (name === 'counters/a' ? before : undefined));
const at = '2026-01-01T00:00:00.000Z';
const put = (total: number) => counters.put({ id: 'a', total });

describe('the states of a batch', () => {
  it('are written once, from the version that was loaded', () => {
    const copy = copyOf();
    for (const total of [2, 3]) copy.apply([put(total)], { at, messageId: 'm' }, () => undefined);
    expect(copy.read(counters.at('a'))).toEqual({ id: 'a', total: 3 });
    expect(copy.writes().states).toMatchObject([
      { id: 'a', value: { total: 3 }, before: { total: 1 }, loaded: 4, version: 6 },
    ]);
  });

  it.each([true, false])(
    'that were only looked at are told with their versions, but for those that are locked (%s)',
    (isLocked) => {
      const copy = new WorkingCopy(stored, isLocked);
      copy.read(counters.at('a'));
      copy.read(counters.at('none'));
      copy.read(shared.at('s'));
      const ofMine = [
        { id: 'a', version: 4 },
        { id: 'none', version: 0 },
      ];
      const reads = isLocked ? ofMine : [...ofMine, { id: 's', version: 7 }];
      expect(copy.writes()).toMatchObject({ states: [], reads });
    },
  );

  it('that keys share are told with their versions also when they are written, unless they are locked or new', () => {
    for (const isLocked of [true, false]) {
      const copy = new WorkingCopy(stored, isLocked);
      const changes = ['s', 'none'].map((id) => shared.put({ id, total: 9 }));
      copy.apply(changes, { at, messageId: 'm' }, () => undefined);
      const { states, reads } = copy.writes();
      expect(states.map(({ id, loaded, version }) => [id, loaded, version])).toEqual([
        ['s', 7, 8],
        ['none', 0, 1],
      ]);
      expect(reads).toMatchObject(isLocked ? [] : [{ id: 's', version: 7 }]);
    }
  });

  it('are not written when nothing in them has changed, but must not have moved on', () => {
    const copy = copyOf();
    const apply = (total: number, speaks = false) =>
      copy.apply([put(total)], { at, messageId: 'm', speaks }, () => undefined);
    apply(1);
    expect(copy.writes()).toMatchObject({ states: [], reads: [{ id: 'a', version: 4 }] });
    apply(2);
    apply(2);
    expect(copy.writes()).toMatchObject({ states: [{ loaded: 4, version: 5 }], reads: [] });
    // The messages of a decision are numbered by the version of its state, so the version increases.
    apply(2, true);
    expect(copy.version(counters.at('a'))).toBe(6);
  });

  it('are as before when a decision cannot be carried out, whatever it has changed by then', () => {
    const copy = copyOf();
    copy.apply([sums.append('s', added(1))], { at, messageId: 'm' }, () => undefined);
    const changes = [put(2), put(3), sums.append('s', added(5), added(7))];
    const fails = () => {
      throw new Error('too large');
    };
    expect(() => copy.apply(changes, { at, messageId: 'n' }, fails)).toThrow('too large');
    expect([copy.read(counters.at('a')), copy.version(counters.at('a'))]).toEqual([
      before.value,
      before.version,
    ]);
    expect(copy.read(sums.at('s'))).toEqual({ id: 's', total: 1 });
    expect(copy.writes().events).toMatchObject([{ streamId: 's', version: 1, messageId: 'm' }]);
  });

  it('number their events from the version of their stream on', () => {
    const copy = new WorkingCopy(() => ({ value: { id: 's', total: 1 }, version: 6 }));
    copy.apply([sums.append('s', added(1), added(2))], { at, messageId: 'm' }, () => undefined);
    expect(copy.writes().events.map(({ version }) => version)).toEqual([7, 8]);
    expect(copy.version(sums.at('s'))).toBe(8);
  });

  it('are no streams unless they are declared as such', () => {
    const change = { kind: 'append', ref: counters.at('a'), events: [added(1)] } as never;
    expect(() => copyOf().apply([change], { at, messageId: 'm' }, () => undefined)).toThrow(
      'is not a stream',
    );
  });
});
