import type { Position } from './client/kafka-client.ts';
import type { PartitionWindow } from './partition-window.ts';

const patienceMs = 2_000;

/** Commits settled offsets at an interval and on request; one commit at a time. */
export class Commits {
  #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;

  constructor(
    private readonly send: (positions: readonly Position[]) => Promise<void>,
    private readonly windows: () => readonly PartitionWindow[],
    ms: number,
  ) {
    this.#timer = setInterval(() => this.commitSoon(), ms);
    this.#timer.unref();
  }

  /** Commits now; a failed commit is included in the next one. */
  commitSoon(): void {
    void this.commit().catch(() => undefined);
  }

  /** Commits what is settled now; rejects when the commit fails. */
  async commit(): Promise<void> {
    while (this.#running) await this.#running.catch(() => undefined);
    this.#running = this.#commit().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  /** The last commit. Takes at most 2 s, because without it the next owner only receives some messages again. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.commit().catch(() => undefined), patience]);
    clearTimeout(timer);
  }

  async #commit(): Promise<void> {
    const due = this.windows().flatMap((window) => {
      const offset = window.lowWater();
      return offset === null || offset === window.committed ? [] : [{ window, offset }];
    });
    if (due.length === 0) return;
    await this.send(
      due.map(({ window: { topic, partition }, offset }) => ({ topic, partition, offset })),
    );
    for (const { window, offset } of due) window.committed = offset;
  }
}
