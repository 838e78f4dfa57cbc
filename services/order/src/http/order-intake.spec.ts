import { describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/contracts';
import { MemoryKeys } from '@waybill/encryption/testing';
import { type RequestOptions, Requests, type SubmitOptions, Submitter } from '@waybill/messaging';
import { OrderBench } from '../testing/order.bench.ts';
import { address, laptop } from '../testing/order.fixtures.ts';
import { DoomedOrders } from './doomed-orders.ts';
import { OrderIntake } from './order-intake.ts';
import { PersonalOrders } from './personal-orders.ts';

const caller = { id: 'ada', roles: ['customer' as const], name: 'Ada', email: 'ada@example.com' };
const body = {
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  shippingAddress: address,
  shippingMethod: 'standard' as const,
  payment: { method: 'card' as const, token: 'tok_visa' },
};
const { productVersion, priceAmount, currency, ...details } = laptop;
const product = {
  ...details,
  category: 'Computers',
  price: { amount: priceAmount, currency },
  version: productVersion,
  available: 3,
};

/** Inventory with replies set by the test. */
class Inventory extends Requests {
  readonly asked: unknown[] = [];
  constructor(private readonly answer: () => unknown) {
    super();
  }
  async request<D, R>(_contract: unknown, data: D, options: RequestOptions<R>): Promise<R> {
    this.asked.push(data);
    inherited.push(options);
    return this.answer() as R;
  }
  gather(): never {
    throw new Error('nobody gathers here');
  }
}

const trace = { correlationId: 'c-1', traceparent: 't-1' };
/** The context passed with each message and each request, besides its data. */
let inherited: unknown[] = [];

async function intakeOf(answer: () => unknown) {
  inherited = [];
  const bench = await new OrderBench().start();
  const inventory = new Inventory(answer);
  const submitter = new (class extends Submitter {
    submit<A>(message: Message, options?: SubmitOptions): Promise<A> {
      inherited.push(options);
      return bench.submitted<A>(message);
    }
  })();
  return {
    bench,
    inventory,
    intake: new OrderIntake(
      submitter,
      inventory,
      new DoomedOrders(null),
      new PersonalOrders(new MemoryKeys().cipher()),
    ),
  };
}
const away = () => {
  throw new Error('nobody answers');
};

describe('the intake of orders', () => {
  it('asks inventory for what the catalogue does not know, once', async () => {
    const { intake, inventory } = await intakeOf(() => ({ products: [product] }));

    const first = await intake.accept(body, caller, undefined, trace);
    await intake.accept(body, caller, undefined, trace);

    expect(first.accepted.status).toBe(202);
    expect(inventory.asked).toEqual([{ skus: ['LAPTOP-13'] }]);
    // The order, the request to inventory, the order with the reply; the second order.
    expect(inherited).toHaveLength(4);
    for (const each of inherited) expect(each).toMatchObject(trace);
  });

  it('refuses a product that inventory does not know either', async () => {
    const { intake, bench } = await intakeOf(() => ({ products: [] }));

    await expect(intake.accept(body, caller, 'key', trace)).rejects.toMatchObject({
      code: 'unknown_sku',
      path: '/lines/0/sku',
    });
    expect(bench.store.events).toEqual([]);
  });

  it('says that inventory is away, and takes the order when it is back', async () => {
    const answers = [away, () => ({ products: [product] })];
    const { intake } = await intakeOf(() => answers.shift()?.());

    await expect(intake.accept(body, caller, 'key', trace)).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': '2' },
    });
    expect((await intake.accept(body, caller, 'key', trace)).replayed).toBe(false);
  });

  it.each([
    [{ lines: [...body.lines, ...body.lines] }, 'duplicate_sku'],
    [{ payment: { method: 'card' as const, token: 'visa' } }, 'invalid_payment_token'],
  ])('refuses what needs no price to be refused', async (change, code) => {
    const { intake, inventory } = await intakeOf(away);

    await expect(
      intake.accept({ ...body, ...change }, caller, undefined, trace),
    ).rejects.toMatchObject({
      code,
    });
    expect(inventory.asked).toEqual([]);
  });
});
