/** Counts the requests in progress, so that shutdown can wait for them. */
export class RequestsInHand {
  private count = 0;
  private waiting: (() => void)[] = [];

  began(): void {
    this.count += 1;
  }

  ended(): void {
    this.count -= 1;
    if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves as soon as no request is in progress. */
  none(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
