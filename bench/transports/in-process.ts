import type { Message, Transport } from './transport.ts';

/** No broker: a function call, confirmed immediately. */
export class InProcess implements Transport {
  private readonly takers = new Map<string, (message: Message, settle: () => void) => void>();

  async send(group: string, messages: readonly Message[]): Promise<void> {
    const take = this.takers.get(group);
    for (const message of messages) take?.(message, () => undefined);
  }

  async consume(group: string, take: (message: Message, settle: () => void) => void) {
    this.takers.set(group, take);
  }

  async close(): Promise<void> {}
}
