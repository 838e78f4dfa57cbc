import { randomUUID } from 'node:crypto';
import type { SeededRandom } from '@waybill/testing';
import type { Client, OrderView } from './client.ts';
import { eventually } from './eventually.ts';

/** An order that was accepted: the bytes that said so, and the key that brings them again. */
export interface Bought {
  readonly id: string;
  readonly key: string;
  readonly parts: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

const tokens = [
  'tok_visa',
  'tok_visa',
  'tok_visa',
  'tok_mastercard',
  'tok_declined',
  'tok_error_then_success',
  'tok_capture_fails',
] as const;
const skus = ['LAPTOP-13', 'MOUSE-V', 'KEYBOARD-M', 'CABLE-USBC'] as const;
const pauseAfterFailure = 50;
/** Not now; or nobody knows whether it was taken, because who was asked did not answer in time. */
const comeAgain: ReadonlySet<number> = new Set([503, 504]);

/** Customers who order one after another, and repeat an order that got no answer under its key, as clients should. */
export class Shoppers {
  /** What they buy. */
  static readonly skus = skus;
  readonly bought: Bought[] = [];
  /** Answers that were neither 202 nor ask to come again with the same key, as 503 and 504 do. */
  readonly surprises: string[] = [];
  /** What came instead of answers: the codes of errors. */
  readonly errors = new Set<string>();
  private shopping = false;
  private patient = true;
  private lastRefusal = 'none';
  private loops: Promise<void>[] = [];

  constructor(
    private readonly client: Client,
    private readonly random: SeededRandom,
    private readonly count = 8,
    /** Milliseconds that each rests after an order. */
    private readonly rest = 0,
  ) {}

  start(): void {
    this.shopping = true;
    this.loops = Array.from({ length: this.count }, () => this.shop());
  }

  /** Resolves when so many orders were accepted; throws when they are not within so many milliseconds. */
  async reach(count: number, within: number): Promise<void> {
    try {
      await eventually(
        `${count} orders are accepted`,
        async () => this.bought.length >= count,
        within,
      );
    } catch (error) {
      const refusal = `${this.bought.length} were; the last other answer was ${this.lastRefusal}`;
      throw new Error(refusal, { cause: error });
    }
  }

  /** Resolves when every order under way was answered; throws when one is not within so many milliseconds. */
  async stop(within = 60_000): Promise<void> {
    this.shopping = false;
    let answered = false;
    const all = Promise.all(this.loops).then(() => {
      answered = true;
    });
    try {
      await eventually('every order is answered', async () => answered, within);
    } catch (error) {
      this.patient = false;
      throw new Error(`the last answer was ${this.lastRefusal}`, { cause: error });
    }
    await all;
  }

  /** Ends at once, whatever was not answered: for when the system does not come back. */
  async abandon(): Promise<void> {
    this.shopping = false;
    this.patient = false;
    await Promise.all(this.loops);
  }

  private async shop(): Promise<void> {
    while (this.shopping) {
      await this.order();
      if (this.rest > 0) await new Promise((resolve) => setTimeout(resolve, this.rest));
    }
  }

  private async order(): Promise<void> {
    const key = randomUUID();
    const sku = this.random.pick(skus);
    const parts = {
      lines: [{ sku, quantity: 1 + this.random.below(3) }],
      payment: { method: 'card', token: this.random.pick(tokens) },
    };
    while (this.patient) {
      const answer = await this.client.placeOrderOnce(parts, key).catch((error: unknown) => {
        this.errors.add(codeOf(error));
        return undefined;
      });
      if (answer?.status === 202) {
        this.bought.push({ id: answer.body.id, key, parts, bytes: answer.bytes });
        return;
      }
      this.lastRefusal = answer ? `${answer.status} ${answer.bytes.toString()}` : 'none';
      if (answer && !comeAgain.has(answer.status)) {
        this.surprises.push(`${answer.status} ${answer.bytes.toString()}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseAfterFailure));
    }
  }
}

/** `fetch` hides the error of the connection behind one of its own. */
const codeOf = (error: unknown): string => {
  const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
  return cause?.code ?? message;
};

/** Which accepted orders are gone, not settled, or answer their key otherwise than the first time. */
export async function brokenPromises(client: Client, bought: readonly Bought[]): Promise<string[]> {
  const broken: string[] = [];
  const listed = new Map(
    (await client.all('/api/v1/orders', { query: { limit: 200 } })).map((order) => [
      order.id,
      order,
    ]),
  );
  const left = [...bought];
  const check = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) {
      broken.push(...(await brokenFor(client, next, listed.get(next.id))));
    }
  };
  await Promise.all(Array.from({ length: 16 }, check));
  return broken;
}

async function brokenFor(
  client: Client,
  { id, key, parts, bytes }: Bought,
  order: OrderView | undefined,
): Promise<string[]> {
  const again = await client.placeOrder(parts, key);
  return [
    ...(order ? [] : [`${id} was accepted and is gone`]),
    ...(order?.status === 'pending' ? [`${id} has not settled`] : []),
    ...(again.bytes.equals(bytes) ? [] : [`${id}: its key answers otherwise now`]),
  ];
}

/** Orders of the customer that no answer ever told of. */
export async function strangers(client: Client, bought: readonly Bought[]): Promise<string[]> {
  const known = new Set(bought.map(({ id }) => id));
  const listed = await client.all('/api/v1/orders', { query: { limit: 200 } });
  return listed.flatMap(({ id }) => (known.has(id) ? [] : [id]));
}
