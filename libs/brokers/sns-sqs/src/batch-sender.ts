import type { Outgoing } from '@waybill/messaging';

/** A message that waits to be sent. */
export interface Waiting {
  readonly message: Outgoing;
  readonly settle: (error?: Error) => void;
}

/** The result of a batch; `down` means that the next batch would fail in the same way. */
export interface Sent {
  /** To be retried by the caller. */
  readonly failed: ReadonlyMap<Waiting, Error>;
  /** Permanently refused; later messages of the same key continue. */
  readonly refused: ReadonlyMap<Waiting, Error>;
  readonly down: boolean;
}

/** Messages of some keys to one topic, sent one batch after another. */
export class BatchSender {
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;

  constructor(
    private readonly ordered: boolean,
    private readonly size: number,
    private readonly send: (batch: readonly Waiting[]) => Promise<Sent>,
  ) {}

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#running ??= this.#run();
  }

  /** Refuses waiting messages; resolves when no batch is being sent. */
  async close(error: Error): Promise<void> {
    await Promise.resolve();
    for (const { settle } of this.#waiting.splice(0)) settle(error);
    await this.#running;
  }

  async #run(): Promise<void> {
    // Collects messages that are published one by one into one batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      const { failed, refused, down } = await this.send(batch);
      const behind = down ? this.#waiting.splice(0) : this.#behind(failed);
      for (const each of batch) each.settle(failed.get(each) ?? refused.get(each));
      const [error] = failed.values();
      for (const each of behind) each.settle(error);
    }
    this.#running = null;
  }

  #nextBatch(): readonly Waiting[] {
    const keys = new Set<string>();
    let count = 0;
    for (const { message } of this.#waiting) {
      if (count === this.size || (this.ordered && keys.has(message.envelope.key))) break;
      keys.add(message.envelope.key);
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Waiting messages whose key has a failed message. */
  #behind(failed: ReadonlyMap<Waiting, Error>): readonly Waiting[] {
    if (!this.ordered || failed.size === 0) return [];
    const keys = new Set([...failed.keys()].map(({ message }) => message.envelope.key));
    const isBehind = ({ message }: Waiting) => keys.has(message.envelope.key);
    const behind = this.#waiting.filter(isBehind);
    this.#waiting = this.#waiting.filter((each) => !isBehind(each));
    return behind;
  }
}
