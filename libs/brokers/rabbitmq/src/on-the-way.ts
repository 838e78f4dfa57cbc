/** A message between `publish` and RabbitMQ's confirm. */
export interface Underway {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly channel: string;
  readonly settle: (error?: Error) => void;
  /** When its confirm is overdue, by `performance.now()`. */
  deadline: number;
  /** Unconfirmed copies; there is one copy for each target exchange. */
  open: number;
  /** Copies that reached no queue. */
  returned: number;
  copies: number;
  error: Error | null;
  done: boolean;
}

/** Messages that were sent and not confirmed, in the order of sending. */
export class OnTheWay {
  private readonly messages = new Set<Underway>();

  get size(): number {
    return this.messages.size;
  }

  add(message: Underway): void {
    this.messages.add(message);
  }

  /** Settles a message, at most once. */
  end(message: Underway, error?: Error): void {
    if (!this.messages.delete(message) || message.done) return;
    message.done = true;
    message.settle(error);
  }

  /** A message failed: later ones with its key fail too, so they follow it when they are sent again. */
  failWithFollowers(message: Underway, error: Error): void {
    const followers = [...this.messages].filter(
      (other) =>
        other !== message && other.key === message.key && other.channel === message.channel,
    );
    this.end(message, error);
    for (const follower of followers) follower.error ??= error;
  }

  /** Messages whose confirm is overdue. */
  overdue(now: number): readonly Underway[] {
    const found: Underway[] = [];
    for (const message of this.messages) {
      if (message.deadline > now) break;
      found.push(message);
    }
    return found;
  }

  /** Settles all messages with an error, in order. */
  abandon(error: Error): void {
    for (const message of [...this.messages]) this.end(message, error);
  }
}

/** Finds a message that RabbitMQ returns: by its id, and in the order of sending if the id was sent twice. */
export class Returns {
  private readonly byId = new Map<string, Underway[]>();

  expect(message: Underway): void {
    const known = this.byId.get(message.id);
    if (known) known.push(message);
    else this.byId.set(message.id, [message]);
  }

  /** One copy of a message was returned. */
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

/** Messages that wait to be sent, first in, first out; taking one costs the same however many wait. */
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

  /** Removes and returns matching items, in order. */
  extract(picks: (item: T) => boolean): readonly T[] {
    const all = this.items.slice(this.head);
    this.items = all.filter((item) => !picks(item));
    this.head = 0;
    return all.filter(picks);
  }
}
