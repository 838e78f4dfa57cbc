/** What one peer may send: a bucket that is filled again each second by what a second allows. */
export class Allowance {
  private left: number;
  private filledAt: number;

  constructor(
    private readonly perSecond: number,
    now: number,
  ) {
    this.left = perSecond;
    this.filledAt = now;
  }

  /** Takes one; false if there is none left at `now`, in milliseconds. */
  take(now: number): boolean {
    const seconds = Math.max(0, now - this.filledAt) / 1_000;
    this.left = Math.min(this.perSecond, this.left + seconds * this.perSecond);
    this.filledAt = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
