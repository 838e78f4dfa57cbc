import type { Place } from './log-record.ts';

/** The next offset of each partition of each channel. */
export class LogEnds {
  readonly #next: Map<string, number>;

  private constructor(next: Readonly<Record<string, number>>) {
    this.#next = new Map(Object.entries(next));
  }

  /** Reads what `toString` has written; throws for anything else. */
  static from(text = '{}'): LogEnds {
    return new LogEnds(JSON.parse(text) as Readonly<Record<string, number>>);
  }

  of(channel: string, partition: number): number {
    return this.#next.get(`${partition} ${channel}`) ?? 0;
  }

  /** Counts a message. */
  pass({ channel, partition, offset }: Place): void {
    this.#next.set(`${partition} ${channel}`, Math.max(offset + 1, this.of(channel, partition)));
  }

  toString(): string {
    return JSON.stringify(Object.fromEntries(this.#next));
  }
}
