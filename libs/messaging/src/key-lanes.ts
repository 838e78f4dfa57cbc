/** First in, first out per key: one item of a key is out at a time, the others of the key wait for `done`. */
export class KeyLanes<T> {
  private readonly waiting = new Map<string, T[]>();

  /** True when the key was free and the item may go at once; false when it waits. */
  enter(key: string, item: T): boolean {
    const queue = this.waiting.get(key);
    if (queue) {
      queue.push(item);
      return false;
    }
    this.waiting.set(key, []);
    return true;
  }

  /** The item that was out has come back: the next of its key may go, if there is one. */
  done(key: string): T | undefined {
    const queue = this.waiting.get(key);
    if (!queue) return undefined;
    const next = queue.shift();
    if (next === undefined) this.waiting.delete(key);
    return next;
  }

  /** Takes all who wait for the key, and frees it. */
  evict(key: string): readonly T[] {
    const queue = this.waiting.get(key) ?? [];
    this.waiting.delete(key);
    return queue;
  }
}
