/** A double-ended queue in a ring: pushing and taking at both ends cost the same at any length. */
export class Deque<T> {
  #ring: (T | undefined)[] = new Array(16);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item at a place counted from the front. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)];
  }

  push(item: T): void {
    this.#growIfFull();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item;
    this.#length += 1;
  }

  /** Inserts `item` before the first one that need not stay ahead of it. */
  insert(item: T, ahead: (other: T) => boolean): void {
    this.#growIfFull();
    const mask = this.#ring.length - 1;
    this.#head = (this.#head - 1) & mask;
    this.#length += 1;
    let place = 0;
    for (; place + 1 < this.#length; place += 1) {
      const next = this.#ring[(this.#head + place + 1) & mask] as T;
      if (!ahead(next)) break;
      this.#ring[(this.#head + place) & mask] = next;
    }
    this.#ring[(this.#head + place) & mask] = item;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    if (this.#length === 0 && this.#ring.length > 1024) this.#reset();
    return item;
  }

  /** Removes and returns all items, front first. */
  drain(): T[] {
    const items = [...this];
    this.#reset();
    return items;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.#length; index += 1) yield this.at(index) as T;
  }

  #reset(): void {
    this.#ring = new Array(16);
    this.#head = 0;
    this.#length = 0;
  }

  #growIfFull(): void {
    if (this.#length < this.#ring.length) return;
    const grown: (T | undefined)[] = new Array(this.#ring.length * 2);
    for (let index = 0; index < this.#length; index += 1) grown[index] = this.at(index);
    this.#ring = grown;
    this.#head = 0;
  }
}
