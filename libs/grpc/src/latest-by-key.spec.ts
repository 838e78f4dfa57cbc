import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { latestByKey } from './latest-by-key.ts';

class Pace extends EventEmitter {
  writableNeedDrain = false;
  drain(): void {
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

function bench() {
  const pace = new Pace();
  const source = new Subject<string>();
  const seen: string[] = [];
  const subscription = source.pipe(latestByKey(pace, ([key = '']) => key)).subscribe({
    next: (value) => seen.push(value),
    error: () => seen.push('failed'),
    complete: () => seen.push('end'),
  });
  return { pace, source, seen, subscription };
}

describe('the newest by key', () => {
  it('goes on at once while it is read', () => {
    const { source, seen } = bench();
    for (const value of ['a1', 'a2', 'b1']) source.next(value);
    expect(seen).toEqual(['a1', 'a2', 'b1']);
  });

  it('waits for a slow reader, one value a key', () => {
    const { pace, source, seen } = bench();
    pace.writableNeedDrain = true;
    for (const value of ['a1', 'b1', 'a2', 'a3']) source.next(value);
    expect(seen).toEqual([]);
    pace.drain();
    expect(seen).toEqual(['a3', 'b1']);
  });

  it('says what waits before it ends', () => {
    const { pace, source, seen } = bench();
    pace.writableNeedDrain = true;
    source.next('a1');
    source.complete();
    expect(seen).toEqual([]);
    pace.drain();
    expect(seen).toEqual(['a1', 'end']);
  });

  it('fails at once', () => {
    const { source, seen } = bench();
    source.error(new Error('no'));
    expect(seen).toEqual(['failed']);
  });

  it('keeps nothing of a reader that has gone', () => {
    const { pace, source, subscription } = bench();
    subscription.unsubscribe();
    expect(source.observed).toBe(false);
    expect(pace.listenerCount('drain')).toBe(0);
  });
});
