/** Values in the order of a number; equal numbers in the order of insertion. Cheap where most values belong to the end. */
export class SortedList<T> {
  private readonly all: { readonly at: number; readonly value: T }[] = [];

  insert(at: number, value: T): void {
    const index = this.all.findLastIndex((other) => other.at <= at) + 1;
    this.all.splice(index, 0, { at, value });
  }

  /** The first value that `isCurrent`; those before it are forgotten. */
  first(isCurrent: (value: T) => boolean): T | undefined {
    for (let head = this.all[0]; head; head = this.all[0]) {
      if (isCurrent(head.value)) return head.value;
      this.all.shift();
    }
    return undefined;
  }

  values(isCurrent: (value: T) => boolean): T[] {
    return this.all.filter(({ value }) => isCurrent(value)).map(({ value }) => value);
  }

  clear(): void {
    this.all.length = 0;
  }
}
