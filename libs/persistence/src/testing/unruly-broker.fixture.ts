import type { Broker, Outgoing } from '@waybill/messaging';
import { TestBroker } from './test-broker.fixture.ts';

type Settled = Parameters<Broker['publish']>[1];

interface Sent {
  readonly message: Outgoing;
  readonly settled: Settled;
}

export interface Unruliness {
  /** True with this probability; always false once the system is calm. */
  readonly chance: (of: number) => boolean;
  readonly landed: (broker: string, id: string) => void;
  readonly refused: (id: string) => void;
}

/**
 * The connection of one process to a broker: messages arrive late but in order, and are confirmed late and twice. If
 * one is refused, all later ones of its key are refused with it.
 */
export class UnrulyBroker extends TestBroker {
  private sent: Sent[] = [];
  private confirms: (() => void)[] = [];
  isCut = false;

  constructor(
    name: string,
    private readonly how: Unruliness,
  ) {
    super(name);
  }

  override publish(messages: readonly Outgoing[], settled: Settled): void {
    if (this.how.chance(0.01)) throw new Error('the client is broken');
    for (const message of messages) this.sent.push({ message, settled });
    if (!this.how.chance(0.5)) this.land(messages.length);
  }

  land(count = Number.POSITIVE_INFINITY): void {
    for (let n = 0; n < count && !this.isCut; n += 1) {
      const next = this.sent.shift();
      if (!next) return;
      if (this.how.chance(0.03)) this.refuse(next);
      else this.accept(next);
    }
  }

  /** Confirms some of the accepted messages. */
  confirm(): void {
    if (this.isCut) return;
    const some = this.confirms.filter(() => !this.how.chance(0.3));
    this.confirms = this.confirms.filter((each) => !some.includes(each));
    for (const confirm of some) confirm();
  }

  private accept({ message, settled }: Sent): void {
    const { id } = message.envelope;
    this.how.landed(this.name, id);
    if (!this.how.chance(0.4)) settled(id);
    else
      this.confirms.push(() => {
        settled(id);
        settled(id);
      });
  }

  /** The broker may have stored it anyway. */
  private refuse(refused: Sent): void {
    const { id, key } = refused.message.envelope;
    this.how.refused(id);
    if (this.how.chance(0.3)) this.how.landed(this.name, id);
    const behind = this.sent.filter(({ message }) => message.envelope.key === key);
    this.sent = this.sent.filter((each) => !behind.includes(each));
    for (const { message, settled } of [refused, ...behind])
      settled(message.envelope.id, new Error('refused'));
  }
}
