/** One row in eight is measured, which is representative of all. */
const oneOf = 8;
const most = 10_000;

/** Measures how long rows take from commit to the broker's confirm. */
export class RelayLags {
  private readonly since = new Map<number, number>();
  private lags: number[] = [];

  committed(seq: number): void {
    if (seq % oneOf === 0 && this.since.size < most) this.since.set(seq, performance.now());
  }

  confirmed(seq: number): void {
    const since = this.since.get(seq);
    if (since === undefined) return;
    this.since.delete(seq);
    if (this.lags.length < most) this.lags.push(performance.now() - since);
  }

  /** Milliseconds for rows that were confirmed since the last call. */
  take(): readonly number[] {
    const taken = this.lags;
    this.lags = [];
    return taken;
  }
}
