/** Counts what this process has published, received and acked. */
export class Counters {
  readonly #published = new Map<string, number>();
  readonly #delivered = new Map<string, number>();
  readonly #acked = new Map<string, number>();

  published(channel: string): void {
    add(this.#published, channel);
  }

  delivered(group: string): void {
    add(this.#delivered, group);
  }

  acked(group: string): void {
    add(this.#acked, group);
  }

  of(group: string, channels: readonly string[]) {
    return {
      published: channels.reduce((sum, each) => sum + (this.#published.get(each) ?? 0), 0),
      delivered: this.#delivered.get(group) ?? 0,
      acked: this.#acked.get(group) ?? 0,
    };
  }
}

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};
