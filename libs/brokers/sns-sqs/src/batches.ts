/** The failed entries of an SQS batch call. */
export interface BatchAnswer {
  readonly Failed?:
    | readonly { readonly Id?: string | undefined; readonly Code?: string | undefined }[]
    | undefined;
}

interface Entry<T> {
  readonly value: T;
  tries: number;
  readonly done: (failure: unknown) => void;
}

/** Entries per SQS call. */
const size = 10;
const attempts = 4;
const pause = 100;

/**
 * Collects operations on single messages into batch calls, and retries the failed entries of a batch. `add` resolves
 * with undefined on success, or with the failure after the last attempt; it never rejects.
 */
export class Batches<T> {
  #waiting: Entry<T>[] = [];
  #scheduled = false;
  readonly #open = new Set<Promise<void>>();

  constructor(
    private readonly send: (entries: readonly { Id: string; value: T }[]) => Promise<BatchAnswer>,
    /** Whether a failure code is permanent, so that the entry is not retried. */
    private readonly isHopeless: (code: string) => boolean = () => false,
  ) {}

  add(value: T): Promise<unknown> {
    return new Promise((done) => this.#queue({ value, tries: 0, done }));
  }

  /** Resolves when all entries added before are sent or given up. */
  async flushed(): Promise<void> {
    while (this.#scheduled || this.#waiting.length > 0 || this.#open.size > 0) {
      if (this.#open.size > 0) await Promise.all(this.#open);
      else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  #queue(entry: Entry<T>): void {
    this.#waiting.push(entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#waiting.length > 0) {
        const sent = this.#send(this.#waiting.splice(0, size)).finally(() =>
          this.#open.delete(sent),
        );
        this.#open.add(sent);
      }
    });
  }

  async #send(entries: readonly Entry<T>[]): Promise<void> {
    const failed = await this.#failedOf(entries);
    const again: Entry<T>[] = [];
    for (const [at, entry] of entries.entries()) {
      const failure = failed.get(String(at));
      entry.tries += 1;
      if (failure === undefined) entry.done(undefined);
      else if (entry.tries >= attempts || this.isHopeless(String(failure))) entry.done(failure);
      else again.push(entry);
    }
    if (again.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, pause * (again[0]?.tries ?? 1)));
    for (const entry of again) this.#queue(entry);
  }

  async #failedOf(entries: readonly Entry<T>[]): Promise<ReadonlyMap<string, unknown>> {
    const numbered = entries.map(({ value }, at) => ({ Id: String(at), value }));
    try {
      const { Failed = [] } = await this.send(numbered);
      return new Map(Failed.map(({ Id = '', Code }) => [Id, Code ?? 'failed']));
    } catch (error) {
      return new Map(numbered.map(({ Id }) => [Id, error]));
    }
  }
}
