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

/** Finds the message that RabbitMQ returns: by its id, and in the order of sending when an id is under way twice. */
export class Returns {
  private readonly byId = new Map<string, Underway[]>();

  expect(message: Underway): void {
    const known = this.byId.get(message.id);
    if (known) known.push(message);
    else this.byId.set(message.id, [message]);
  }

  /** One copy of a message came back. */
  returned(id: string): void {
    const found = this.byId.get(id)?.find(({ returned, copies }) => returned < copies);
    if (found) found.returned += 1;
  }

  forget(message: Underway): void {
    const known = this.byId.get(message.id);
    if (!known) return;
    const left = known.filter((other) => other !== message);
    if (left.length === 0) this.byId.delete(message.id);
    else this.byId.set(message.id, left);
  }

  clear(): void {
    this.byId.clear();
  }
}

/** Messages that wait to be sent, first in first out; taking one costs the same however many wait. */
export class SendingLine<T> {
  private items: T[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  first(): T | undefined {
    return this.items[this.head];
  }

  /** Removes the first. */
  drop(): void {
    this.head += 1;
    if (this.head < 1_024 || this.head * 2 < this.items.length) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
  }

  /** Takes out all that a test picks, in their order. */
  extract(picks: (item: T) => boolean): readonly T[] {
    const all = this.items.slice(this.head);
    this.items = all.filter((item) => !picks(item));
    this.head = 0;
    return all.filter(picks);
  }
}
