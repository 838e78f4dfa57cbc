const againAfter = 5_000;

/** Prints what startup waits for: a new reason at once, the same reason every five seconds. */
export class WaitingLines {
  private reason = '';
  private toldAt = 0;

  constructor(
    private readonly say: (line: string) => void,
    private readonly now = () => performance.now(),
  ) {}

  tell(reason: string): void {
    const now = this.now();
    if (reason === this.reason && now - this.toldAt < againAfter) return;
    this.reason = reason;
    this.toldAt = now;
    this.say(`waiting: ${reason}`);
  }
}
