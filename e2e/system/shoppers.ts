import { randomUUID } from 'node:crypto';
import type { SeededRandom } from '@waybill/testing';
import type { Client, OrderView } from './client.ts';
import { eventually } from './eventually.ts';
import { isReturnable, type Returning, sendBack } from './returning-shopper.ts';

/** An accepted order: the bytes of its response, and the idempotency key that returns them again. */
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
const mustConfirm = 'tok_3ds';
const methods = ['card', 'card', 'card_and_credit', 'credit'] as const;
const creditAmount = { amount: 500, currency: 'EUR' };
const skus = ['LAPTOP-13', 'MOUSE-V', 'KEYBOARD-M', 'CABLE-USBC'] as const;
const pauseAfterFailure = 50;
/** Refused for now; or the outcome is unknown, because a service did not respond in time. */
const comeAgain: ReadonlySet<number> = new Set([503, 504]);

/** Customers who order one after another and, as clients should, repeat an unanswered order under its key. */
export class Shoppers {
  /** The products that they order. */
  static readonly skus = skus;
  readonly bought: Bought[] = [];
  /** The orders whose cancel was accepted. */
  readonly cancelled: string[] = [];
  /** How many payments were approved or declined by their customers. */
  confirmed = 0;
  /** The orders that came back. */
  readonly returned: string[] = [];
  /** Responses other than 202, 503 and 504; after the last two, the order is repeated with the same key. */
  readonly surprises: string[] = [];
  /** The codes of errors that occurred instead of a response. */
  readonly errors = new Set<string>();
  private shopping = false;
  private patient = true;
  private lastRefusal = 'none';
  private loops: Promise<void>[] = [];

  constructor(
    private readonly client: Client,
    private readonly random: SeededRandom,
    private readonly count = 8,
    /** Milliseconds that each customer pauses after an order. */
    private readonly rest = 0,
    /** The share of orders after which a customer cancels one of the newest. */
    private readonly cancels = 0,
    /** Whether they also pay with cards whose payments they must confirm. */
    private readonly confirms = false,
    private readonly returning?: Returning,
    /** Whether they also pay with store credit. */
    private readonly usesCredit = false,
  ) {}

  start(): void {
    this.shopping = true;
    this.loops = Array.from({ length: this.count }, () => this.shop());
  }

  /** Resolves when `count` orders were accepted; throws when this takes longer than `within` milliseconds. */
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

  /** Resolves when every open order was answered; throws when this takes longer than `within` milliseconds. */
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

  /** Ends immediately without waiting for responses, for a system that does not come back. */
  async abandon(): Promise<void> {
    this.shopping = false;
    this.patient = false;
    await Promise.all(this.loops);
  }

  private async shop(): Promise<void> {
    while (this.shopping) {
      const id = await this.order();
      if (id && this.confirms) await this.confirm(id);
      if (this.random.next() < this.cancels) await this.cancel();
      await this.sendBack();
      if (this.rest > 0) await new Promise((resolve) => setTimeout(resolve, this.rest));
    }
  }

  /** Resolves with the id of an order that was accepted. */
  private async order(): Promise<string | undefined> {
    const key = randomUUID();
    const sku = this.random.pick(skus);
    const parts = {
      lines: [{ sku, quantity: 1 + this.random.below(3) }],
      payment: this.payment(),
    };
    while (this.patient) {
      const answer = await this.client.placeOrderOnce(parts, key).catch((error: unknown) => {
        this.errors.add(codeOf(error));
        return undefined;
      });
      if (answer?.status === 202) {
        this.bought.push({ id: answer.body.id, key, parts, bytes: answer.bytes });
        return answer.body.id;
      }
      this.lastRefusal = answer ? `${answer.status} ${answer.bytes.toString()}` : 'none';
      if (answer && !comeAgain.has(answer.status)) {
        this.surprises.push(`${answer.status} ${answer.bytes.toString()}`);
        return undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseAfterFailure));
    }
    return undefined;
  }

  private payment(): object {
    const token = this.random.pick(this.confirms ? [...tokens, mustConfirm] : tokens);
    const method = this.random.pick(this.usesCredit ? methods : (['card'] as const));
    if (method === 'credit') return { method };
    return { method, token, ...(method === 'card' ? {} : { creditAmount }) };
  }

  /** Approves or declines the payment of an order, or never decides; its page may have moved after a kill. */
  private async confirm(id: string): Promise<void> {
    const last = this.bought.find((each) => each.id === id);
    if (!last || tokenOf(last) !== mustConfirm) return;
    const decision = this.random.pick(['approve', 'approve', 'decline', 'abandon']);
    while (this.patient && decision !== 'abandon') {
      const order = await this.client.order(id).catch(() => undefined);
      if (order && order.status !== 'pending') return;
      if (await decided(order?.payment.actionUrl, decision)) {
        this.confirmed += 1;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseAfterFailure));
    }
  }

  /** Cancels one of the newest orders, which may be settled by now; one that was rejected stays so. */
  private async cancel(): Promise<void> {
    const [first, ...others] = this.bought
      .slice(-2 * this.count)
      .filter(({ id }) => !this.returning || !isReturnable(id));
    if (!first) return;
    const { id } = this.random.pick([first, ...others]);
    for (let isOpen = true; isOpen && this.patient; ) {
      isOpen = await this.cancelOnce(id);
      if (isOpen) await new Promise((resolve) => setTimeout(resolve, pauseAfterFailure));
    }
  }

  /** Some customers send one of the newest orders back, unless it was rejected. */
  private async sendBack(): Promise<void> {
    const { returning } = this;
    if (!returning || this.random.next() >= returning.share) return;
    const newest = this.bought.slice(-4 * this.count).filter(({ id }) => isReturnable(id));
    const [first, ...others] = newest;
    if (!first) return;
    const { id, parts } = this.random.pick([first, ...others]);
    const order = { id, lines: parts['lines'] as object[] };
    const isBack = await sendBack(this.client, returning, order, () => this.patient);
    if (isBack) this.returned.push(id);
  }

  /** True while it must be repeated. */
  private async cancelOnce(id: string): Promise<boolean> {
    const path = `/api/v1/orders/${id}/cancel`;
    const asked = this.client.post(path, { reason: 'changed my mind' });
    const answer = await asked.catch(() => undefined);
    if (!answer || comeAgain.has(answer.status)) return true;
    if (answer.status === 202) this.cancelled.push(id);
    else if (answer.status !== 409) this.surprises.push(`${answer.status} ${answer.bytes}`);
    return false;
  }
}

const tokenOf = ({ parts }: Bought): string | undefined =>
  (parts.payment as { token?: string }).token;

/** Whether the page of the payment provider has taken the decision of the customer. */
async function decided(page: string | null | undefined, decision: string): Promise<boolean> {
  if (!page) return false;
  const answer = await fetch(`${page}/${decision}`, { method: 'POST' }).catch(() => undefined);
  return answer?.ok ?? false;
}

/** Accepted cancels of orders that were neither cancelled nor rejected. */
export async function lostCancels(client: Client, cancelled: readonly string[]): Promise<string[]> {
  const lost: string[] = [];
  for (const id of new Set(cancelled)) {
    const { status } = await client.order(id);
    if (status !== 'cancelled' && status !== 'rejected') lost.push(`${id} is ${status}`);
  }
  return lost;
}

/** `fetch` wraps the connection error in a generic one. */
const codeOf = (error: unknown): string => {
  const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
  return cause?.code ?? message;
};

/** Accepted orders that are missing, not settled, or whose key returns another response than the first time. */
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
  const hasSettled = order?.status !== 'pending' || (await settlesStill(client, id));
  return [
    ...(order ? [] : [`${id} was accepted and is gone`]),
    ...(hasSettled ? [] : [`${id} has not settled`]),
    ...(again.bytes.equals(bytes) ? [] : [`${id}: its key answers otherwise now`]),
  ];
}

/** An order whose customer does not confirm the payment is undone a moment later. */
const settlesStill = (client: Client, id: string): Promise<boolean> =>
  client.settled(id).then(
    () => true,
    () => false,
  );

/** Orders of the customer for which no response was received. */
export async function strangers(client: Client, bought: readonly Bought[]): Promise<string[]> {
  const known = new Set(bought.map(({ id }) => id));
  const listed = await client.all('/api/v1/orders', { query: { limit: 200 } });
  return listed.flatMap(({ id }) => (known.has(id) ? [] : [id]));
}
