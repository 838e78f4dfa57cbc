/** Counts what a group received and settled in this process, by channel. */
export class GroupCounts {
  readonly #delivered = new Map<string, number>();
  readonly #acked = new Map<string, number>();

  delivered(channel: string): void {
    this.#delivered.set(channel, (this.#delivered.get(channel) ?? 0) + 1);
  }

  acked(channel: string): void {
    this.#acked.set(channel, (this.#acked.get(channel) ?? 0) + 1);
  }

  of(channel: string): { readonly delivered: number; readonly acked: number } {
    return {
      delivered: this.#delivered.get(channel) ?? 0,
      acked: this.#acked.get(channel) ?? 0,
    };
  }
}
