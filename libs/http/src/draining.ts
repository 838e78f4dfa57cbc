/** Signals that a server is shutting down: requests that wait for something must answer now with what they have. */
export class Draining {
  private begun = false;
  private readonly waiting = new Set<() => void>();

  get hasBegun(): boolean {
    return this.begun;
  }

  /** Calls `run` when draining begins, at once if it already has; the returned function unsubscribes. */
  onBegin(run: () => void): () => void {
    if (this.begun) run();
    else this.waiting.add(run);
    return () => this.waiting.delete(run);
  }

  /** Begins draining. Idempotent. */
  begin(): void {
    this.begun = true;
    for (const run of [...this.waiting]) run();
    this.waiting.clear();
  }
}
