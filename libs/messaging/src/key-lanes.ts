interface Lane<T> {
  out: T;
  readonly waiting: T[];
}

/** First in, first out per key: one item of a key is out at a time, the others of the key wait for `done`. */
export class KeyLanes<T> {
  private readonly lanes = new Map<string, Lane<T>>();

  /** True when the key was free and the item may go at once; false when it waits. */
  enter(key: string, item: T): boolean {
    const lane = this.lanes.get(key);
    if (lane) {
      lane.waiting.push(item);
      return false;
    }
    this.lanes.set(key, { out: item, waiting: [] });
    return true;
  }

  isOut(key: string, item: T): boolean {
    return this.lanes.get(key)?.out === item;
  }

  /** Whether one that is out or waits for the key is so. */
  some(key: string, is: (item: T) => boolean): boolean {
    const lane = this.lanes.get(key);
    return lane !== undefined && (is(lane.out) || lane.waiting.some(is));
  }

  /** The item that was out has come back: the next of its key may go. Others that come back change nothing. */
  done(key: string, item: T): T | undefined {
    const lane = this.lanes.get(key);
    if (lane?.out !== item) return undefined;
    const next = lane.waiting.shift();
    if (next === undefined) this.lanes.delete(key);
    else lane.out = next;
    return next;
  }

  /** Takes all who wait behind the item that is out, and frees its key. */
  evict(key: string, item: T): readonly T[] {
    const lane = this.lanes.get(key);
    if (lane?.out !== item) return [];
    this.lanes.delete(key);
    return lane.waiting;
  }
}
