import type { Underway } from './on-the-way.ts';

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
