import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import type { AuthorizationAnswer, PaymentProvider } from '../domain/provider.ts';

export interface ProviderUnderTest {
  readonly provider: PaymentProvider;
  close(): Promise<void>;
}

export type OpenProvider<T extends ProviderUnderTest = ProviderUnderTest> = () => Promise<T>;

/** Opens the provider for each test of a `describe`. */
export function useProvider<T extends ProviderUnderTest>(open: OpenProvider<T>): () => T {
  let opened: T;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());
  return () => opened;
}

const amount = { amount: 1_999, currency: 'EUR' };
const nothing = { ...amount, amount: 0 };

/** A new order, and the requests about its charge. */
export class Order {
  readonly orderId = newId();
  readonly authorization = `${this.orderId}/authorize-payment`;
  private chargeId: string | null = null;

  constructor(readonly provider: PaymentProvider) {}

  async authorize(token = 'tok_visa', asked = amount): Promise<AuthorizationAnswer> {
    const { orderId, authorization: operationId } = this;
    const answer = await this.provider.authorize({ operationId, orderId, amount: asked, token });
    this.chargeId = answer.chargeId;
    return answer;
  }

  find() {
    return this.provider.findAuthorization({ ...this.charge(), amount });
  }

  void() {
    return this.provider.void(this.charge());
  }

  capture(cents = amount.amount, operation = 'capture-payment') {
    return this.provider.capture(this.move(operation, cents));
  }

  refund(cents: number, name: string) {
    return this.provider.refund(this.move(`refund-payment/${name}`, cents));
  }

  /** The provider's own id is known only after a response. */
  private charge() {
    return { authorization: this.authorization, chargeId: this.chargeId };
  }

  private move(operation: string, cents: number) {
    const operationId = `${this.orderId}/${operation}`;
    return { ...this.charge(), operationId, amount: { ...amount, amount: cents } };
  }
}

/** As the service does it: while the outcome is unknown, the same request is repeated. */
async function untilDefinite<T>(request: () => Promise<T>): Promise<T> {
  // The search of the real Stripe may be a minute late.
  for (let pause = 20, left = 70; ; pause = Math.min(2_000, pause * 2), left -= 1) {
    try {
      return await request();
    } catch (error) {
      if (!(error as { retriable?: boolean }).retriable || left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** The provider with calls that end with a definite result. */
const repeating = (provider: PaymentProvider): PaymentProvider => ({
  name: provider.name,
  authorize: (request) => untilDefinite(() => provider.authorize(request)),
  findAuthorization: (request) => untilDefinite(() => provider.findAuthorization(request)),
  capture: (request) => untilDefinite(() => provider.capture(request)),
  void: (request) => untilDefinite(() => provider.void(request)),
  refund: (request) => untilDefinite(() => provider.refund(request)),
});

/** What every payment provider does, ours, a double, or a real one. */
export function providerContract(open: OpenProvider): void {
  const subject = useProvider(open);
  const order = () => new Order(repeating(subject().provider));
  authorizationCases(order);
  captureCases(order);
  voidCases(order);
  refundCases(order);
}

type NewOrder = () => Order;

function authorizationCases(order: NewOrder): void {
  it('authorizes an operation once, however often it is requested', async () => {
    const paid = order();
    const first = await paid.authorize();
    expect(first).toMatchObject({ status: 'authorized', ...amount, reason: null });
    expect(await paid.authorize()).toEqual(first);
    expect(await paid.find()).toEqual(first);
  });

  it('authorizes it once also when it is requested at the same time', async () => {
    const paid = order();
    const all = await Promise.all(Array.from({ length: 5 }, () => paid.authorize()));
    expect(new Set(all.map(({ chargeId }) => chargeId)).size).toBe(1);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['authorized']));
  });

  it('never authorizes another amount by the same operation', async () => {
    const paid = order();
    await paid.authorize();
    const { orderId, authorization: operationId } = paid;
    const other = { operationId, orderId, token: 'tok_visa', amount: { ...amount, amount: 1 } };
    await expect(paid.provider.authorize(other)).rejects.toThrow();
  });

  it.each([
    ['tok_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_expired_card', 'expired_card'],
    ['tok_of_nobody', 'invalid_token'],
  ])('declines %s as %s', async (token, reason) => {
    const doomed = order();
    expect(await doomed.authorize(token)).toMatchObject({ status: 'declined', amount: 0, reason });
    expect(await doomed.authorize(token)).toMatchObject({ status: 'declined', reason });
  });

  it('says of a declined card that a void released nothing', async () => {
    const doomed = order();
    await doomed.authorize('tok_declined');
    expect(await doomed.void()).toMatchObject({ status: 'declined', amount: 0 });
  });
}

function captureCases(order: NewOrder): void {
  it('captures once, and then no second time and nothing more', async () => {
    const paid = order();
    const { chargeId } = await paid.authorize();
    const captured = { status: 'captured', ...amount, chargeId, reason: null };
    expect(await paid.capture()).toEqual(captured);
    expect(await paid.capture()).toEqual(captured);
    expect(await paid.capture(1_999, 'capture-again')).toMatchObject({
      status: 'refused',
      amount: 0,
    });
    expect(await paid.void()).toMatchObject({ status: 'captured', amount: 0 });
  });

  it('captures once also when it is requested at the same time', async () => {
    const paid = order();
    await paid.authorize();
    const all = await Promise.all(Array.from({ length: 5 }, () => paid.capture()));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['captured']));
  });

  it('refuses to capture more than it has authorized', async () => {
    const paid = order();
    await paid.authorize();
    expect(await paid.capture(2_000)).toMatchObject({ status: 'refused', amount: 0 });
  });
}

function voidCases(order: NewOrder): void {
  it('voids, and then neither captures nor authorizes any more', async () => {
    const given = order();
    const { chargeId } = await given.authorize();
    const voided = { status: 'voided', ...amount, chargeId, reason: null };
    expect(await given.void()).toEqual(voided);
    expect(await given.void()).toEqual(voided);
    expect(await given.capture()).toMatchObject({ status: 'refused', amount: 0 });
    expect(await given.authorize()).toMatchObject({ status: 'voided', amount: 0 });
  });

  it('refuses an operation that was voided before it arrived', async () => {
    const late = order();
    expect(await late.void()).toMatchObject({ status: 'voided', amount: 0, currency: null });
    expect(await late.void()).toMatchObject({ status: 'voided', amount: 0, currency: null });
    expect(await late.authorize()).toMatchObject({ status: 'voided', amount: 0 });
  });

  it('asks the customer where the card needs it', async () => {
    const asked = order();
    const answer = await asked.authorize('tok_3ds');
    expect(answer).toMatchObject({ status: 'requires_action', amount: 0 });
    expect(answer.actionUrl).toMatch(/^https?:/);
    expect(await asked.find()).toEqual(answer);
    expect(await asked.capture()).toMatchObject({ status: 'refused', amount: 0 });
    expect(await asked.void()).toMatchObject({ status: 'voided', amount: 0 });
    expect(await asked.find()).toMatchObject({ status: 'voided' });
  });
}

function refundCases(order: NewOrder): void {
  it('refunds in parts, each once, and not more than it has captured', async () => {
    const paid = order();
    await paid.authorize();
    expect(await paid.refund(1, 'early')).toMatchObject({ status: 'refused', amount: 0 });
    await paid.capture();
    const part = await paid.refund(1_000, 'one');
    expect(part).toMatchObject({ status: 'refunded', ...amount, amount: 1_000 });
    expect(await paid.refund(1_000, 'one')).toEqual(part);
    expect(await paid.refund(1_000, 'two')).toMatchObject({ status: 'refused', ...nothing });
    expect(await paid.refund(999, 'three')).toMatchObject({ status: 'refunded', amount: 999 });
    expect(await paid.refund(1, 'four')).toMatchObject({ status: 'refused', ...nothing });
  });
}
