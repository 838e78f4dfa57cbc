import {
  AuthorizePayment,
  channelOf,
  decode,
  derivedId,
  type Envelope,
  encode,
  FindProducts,
  type FoundProducts,
  type Message,
  wrap,
} from '@waybill/contracts';
import type { MemoryKeys } from '@waybill/encryption/testing';
import type { Delivery, RequestBroker } from '@waybill/messaging';
import { answerKeys } from './answered-keys.ts';
import { laptop, repliesTo } from './order.fixtures.ts';
import { SimulatedParticipants } from './simulated-participants.ts';

/** Inventory, payment, shipping and customer on a real broker: they reply to commands, and decline only `tok_declined`. */
export class AnsweringNeighbours {
  readonly participants = new SimulatedParticipants({
    seed: 0,
    next: () => 0.5,
    below: () => 0,
    pick: ([first]) => first,
    shuffled: (items) => [...items],
  });
  /** How many of the next commands get no reply. */
  silentFor = 0;
  private keys: MemoryKeys | undefined;

  constructor(private readonly broker: RequestBroker) {
    this.participants.reliable = true;
  }

  /** Subscribes to every command, and replies to requests for keys. */
  async start(): Promise<void> {
    this.keys = await answerKeys(this.broker);
    const bindings = ['inventory', 'payment', 'shipping'].map((context) => ({
      channel: `${context}.commands`,
      pattern: '#',
    }));
    await this.broker.declare([{ name: 'neighbours', kind: 'command', partitions: 1, bindings }]);
    await this.broker.subscribe('neighbours', {
      assigned: async () => undefined,
      revoked: () => undefined,
      deliver: (delivery) => void this.take(delivery),
    });
  }

  /** Replies to requests for the catalogue from now on: it has one product. */
  async openCatalogue(): Promise<void> {
    const { productVersion: version, priceAmount: amount, currency, ...product } = laptop;
    const known = { ...product, category: 'Computers', version, available: 9 };
    await this.broker.respond(FindProducts as never, async (data) => {
      const { skus } = data as { skus: string[] };
      const products = skus.includes(laptop.sku) ? [{ ...known, price: { amount, currency } }] : [];
      return { products } satisfies FoundProducts;
    });
  }

  private async take(delivery: Delivery): Promise<void> {
    const command = decode(delivery.body);
    const answers = await this.answersTo(command);
    if (this.silentFor > 0) this.silentFor -= 1;
    else for (const answer of answers) this.send(answer, derivedId(command.id, 'answer'));
    delivery.ack();
  }

  private async answersTo(command: Envelope): Promise<Message[]> {
    const { token } = command.data as { token?: string };
    const isDeclined =
      command.type === AuthorizePayment.type &&
      (await this.keys?.cipher().decrypt(token)) === 'tok_declined';
    return isDeclined
      ? [repliesTo(command.key).declined as Message]
      : this.participants.take(command);
  }

  private send(message: Message, id: string): void {
    const cause = { id, correlationId: id, traceparent: null };
    const envelope = {
      ...wrap(message, { cause, source: 'test', now: new Date(), name: 'x' }),
      id,
    };
    const outgoing = { channel: channelOf(message.contract), envelope, body: encode(envelope) };
    this.broker.publish([outgoing], () => undefined);
  }
}
