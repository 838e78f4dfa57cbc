/** Messages that wait to be sent, first in first out; taking one costs the same however many wait. */
export class SendingLine<T> {
  private items: T[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  first(): T | undefined {
    return this.items[this.head];
  }

  /** Removes the first. */
  drop(): void {
    this.head += 1;
    if (this.head < 1_024 || this.head * 2 < this.items.length) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
  }

  /** Takes out all that a test picks, in their order. */
  extract(picks: (item: T) => boolean): readonly T[] {
    const all = this.items.slice(this.head);
    this.items = all.filter((item) => !picks(item));
    this.head = 0;
    return all.filter(picks);
  }
}
