/** Says when nothing may wait any longer, because a server stops: what waits is answered with what there is. */
export class Draining {
  private begun = false;
  private readonly waiting = new Set<() => void>();

  get hasBegun(): boolean {
    return this.begun;
  }

  /** Calls `run` once it begins, at once when it has; the returned function forgets it. */
  onBegin(run: () => void): () => void {
    if (this.begun) run();
    else this.waiting.add(run);
    return () => this.waiting.delete(run);
  }

  /** Safe to call again. */
  begin(): void {
    this.begun = true;
    for (const run of [...this.waiting]) run();
    this.waiting.clear();
  }
}
