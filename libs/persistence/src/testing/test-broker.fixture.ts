import { type Broker, guaranteeing, type Outgoing, type Settled } from '@waybill/messaging';

/** A broker that only records messages, and settles them as the test requires. */
export class TestBroker implements Broker {
  readonly guarantees = guaranteeing('durable', 'orderedPerKey');
  readonly largest = Number.POSITIVE_INFINITY;
  readonly published: Outgoing[] = [];
  /** Confirmed ids, in order. */
  readonly taken: string[] = [];
  readonly held: { readonly id: string; settle(error?: Error): void }[] = [];
  holding = false;
  failWith: (message: Outgoing) => Error | undefined = () => undefined;

  constructor(readonly name = 'embedded') {}

  publish(messages: readonly Outgoing[], settled: Settled): void {
    for (const message of messages) {
      this.published.push(message);
      const { id } = message.envelope;
      const settle = (error?: Error) => {
        if (!error) this.taken.push(id);
        settled(id, error);
      };
      if (this.holding) this.held.push({ id, settle });
      else settle(this.failWith(message));
    }
  }

  async declare(): Promise<void> {}
  async subscribe(): Promise<() => Promise<void>> {
    return async () => {};
  }
  observe(): () => void {
    return () => {};
  }
  async stats(): Promise<[]> {
    return [];
  }
  async close(): Promise<void> {}
}
