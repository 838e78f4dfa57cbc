/** A message between `publish` and the answer of RabbitMQ. */
export interface Underway {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly channel: string;
  readonly settle: (error?: Error) => void;
  /** Moment of `performance.now()` at which its confirm is overdue. */
  deadline: number;
  /** Copies whose confirm is missing; one for each exchange it goes to. */
  open: number;
  /** Copies that no queue wanted. */
  returned: number;
  copies: number;
  error: Error | null;
  done: boolean;
}

/** What was sent and is not answered, in the order of sending. */
export class OnTheWay {
  private readonly messages = new Set<Underway>();

  get size(): number {
    return this.messages.size;
  }

  add(message: Underway): void {
    this.messages.add(message);
  }

  /** Settles a message once. */
  end(message: Underway, error?: Error): void {
    if (!this.messages.delete(message) || message.done) return;
    message.done = true;
    message.settle(error);
  }

  /** A message failed: what was sent later with the same key fails too, so that it comes after it when sent again. */
  failWithFollowers(message: Underway, error: Error): void {
    const followers = [...this.messages].filter(
      (other) =>
        other !== message && other.key === message.key && other.channel === message.channel,
    );
    this.end(message, error);
    for (const follower of followers) follower.error ??= error;
  }

  /** Those whose time is over. */
  overdue(now: number): readonly Underway[] {
    const found: Underway[] = [];
    for (const message of this.messages) {
      if (message.deadline > now) break;
      found.push(message);
    }
    return found;
  }

  /** Settles everything with an error, in order. */
  abandon(error: Error): void {
    for (const message of [...this.messages]) this.end(message, error);
  }
}
