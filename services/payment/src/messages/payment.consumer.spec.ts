import { describe, expect, it } from '@jest/globals';
import { AuthorizePayment, CapturePayment, RefundPayment, VoidPayment } from '@waybill/contracts';
import { FakeProvider } from '../testing/fake-provider.ts';
import { PaymentBench } from '../testing/payment-bench.ts';

const orderId = '0198c0de-0000-7000-8000-000000000001';
const refundId = '0198c0de-0000-7000-8000-00000000000f';
const amount = { amount: 1999, currency: 'EUR' };
const authorizeWith = (token: string) =>
  AuthorizePayment({ orderId, amount, method: 'card', token });
const undo = VoidPayment({ orderId });
const capture = CapturePayment({ orderId, amount });

async function begin(provider = new FakeProvider()) {
  const payment = await new PaymentBench(provider).start();
  return { provider, payment };
}

const types = (payment: PaymentBench) => payment.replies().map(({ type }) => type);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

const messages = {
  do: authorizeWith('tok_visa'),
  'do again': authorizeWith('tok_visa'),
  'redriven do': authorizeWith('tok_visa'),
  undo,
};
type Step = keyof typeof messages;
const orders = permutations<Step>(['do', 'do again', 'undo', 'redriven do']);

/** A repeated message has the same id; a redriven one has a new id. */
const ids: Readonly<Record<Step, string>> = {
  do: '019b7550-0000-7000-8000-0000000000a1',
  'do again': '019b7550-0000-7000-8000-0000000000a1',
  'redriven do': '019b7550-0000-7000-8000-0000000000a2',
  undo: '019b7550-0000-7000-8000-0000000000a3',
};

/** Each authorization before the undo succeeds, each one after it is declined; a duplicate gets the first reply. */
function expectedReplies(order: readonly Step[]): string[] {
  const distinct = order.filter((step, i) => order.findIndex((s) => ids[s] === ids[step]) === i);
  const undoAt = distinct.indexOf('undo');
  return distinct.map((step, i) => {
    if (step === 'undo') return 'payment-voided';
    return i < undoAt ? 'payment-authorized' : 'payment-declined';
  });
}

const troubles = {
  'a provider that answers': () => undefined,
  'a first answer that is lost': lostOnce,
  'every first answer lost': lostOncePerCall,
  'a provider that refuses its first two connections': refusedTwice,
};

function lostOnce() {
  let lost = false;
  return () => {
    if (lost) return undefined;
    lost = true;
    return 'after' as const;
  };
}

function lostOncePerCall() {
  const lost = new Set<string>();
  return (call: string) => {
    if (lost.has(call)) return undefined;
    lost.add(call);
    return 'after' as const;
  };
}

function refusedTwice() {
  let refused = 0;
  return () => {
    refused += 1;
    return refused <= 2 ? ('before' as const) : undefined;
  };
}

describe('do and undo in every order', () => {
  const cases = Object.entries(troubles).flatMap(([trouble, make]) =>
    orders.map((order) => ({ trouble, make, order, name: order.join(', ') })),
  );

  it.each(cases)('$name, with $trouble: nothing stays reserved', async ({ make, order }) => {
    const { provider, payment } = await begin();
    provider.trouble = make() ?? (() => undefined);
    for (const each of order) payment.deliver(messages[each], ids[each]);
    await payment.quiet();
    await payment.seconds(60);

    expect(provider.held()).toBe(0);
    expect(provider.charges.size).toBeLessThanOrEqual(1);
    expect(payment.balances()).toEqual({});
    expect(['voided', 'undone']).toContain(payment.payment(orderId)?.status);
    expect(payment.payment(orderId)?.unsettledSince).toBeNull();
    expect(types(payment)).toEqual(expectedReplies(order));
    expect(payment.bench.open()).toBe(0);
  });
});

describe('each card', () => {
  it.each(['tok_visa', 'tok_mastercard', 'tok_slow'])(
    '%s is authorized and captured',
    async (token) => {
      const { provider, payment } = await begin();
      await payment.take(authorizeWith(token));
      await payment.take(capture);
      expect(types(payment)).toEqual(['payment-authorized', 'payment-captured']);
      expect(payment.balances()).toEqual({ customer: -1999, provider_balance: 1999 });
      expect(provider.calls).toEqual(['authorize', 'capture']);
    },
  );

  it.each(['tok_timeout_then_success', 'tok_error_then_success'])(
    '%s is charged once, although its first answer was lost',
    async (token) => {
      const { provider, payment } = await begin();
      await payment.take(authorizeWith(token));
      expect(types(payment)).toEqual([]);
      await payment.seconds(1);
      expect(types(payment)).toEqual(['payment-authorized']);
      expect(provider.calls).toEqual(['authorize', 'authorize']);
      expect(provider.held()).toBe(1999);
      expect(payment.balances()).toEqual({ customer: -1999, provider_hold: 1999 });
    },
  );

  it.each([
    ['tok_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_expired_card', 'expired_card'],
  ])('%s is declined for good, also when asked again', async (token, detail) => {
    const { provider, payment } = await begin();
    await payment.take(authorizeWith(token));
    await payment.take(authorizeWith('tok_visa'));
    const declined = { orderId, reason: 'payment_declined', detail };
    expect(payment.replies()).toEqual([
      { type: 'payment-declined', data: declined },
      { type: 'payment-declined', data: declined },
    ]);
    await payment.take(undo);
    expect(payment.replies()[2]?.data).toEqual({ orderId, state: 'never_authorized' });
    expect(provider.calls).toEqual(['authorize']);
    expect(payment.ledger()).toEqual([]);
  });

  it('tok_unavailable is answered within 20 s, and can never be charged afterwards', async () => {
    const { provider, payment } = await begin();
    await payment.take(authorizeWith('tok_unavailable'));
    await payment.seconds(20);
    expect(payment.replies()).toMatchObject([
      { type: 'payment-declined', data: { reason: 'payment_unavailable' } },
    ]);
    await payment.take(authorizeWith('tok_visa'));
    expect(payment.replies()[1]).toMatchObject({ data: { reason: 'payment_unavailable' } });
    expect(payment.payment(orderId)?.status).toBe('undone');
    expect(provider.held()).toBe(0);
  });

  it('tok_capture_fails is authorized, its capture refused for good, its amount given up', async () => {
    const { provider, payment } = await begin();
    await payment.take(authorizeWith('tok_capture_fails'));
    await payment.take(capture);
    await payment.take(capture);
    await payment.take(undo);
    expect(types(payment)).toEqual([
      'payment-authorized',
      'capture-refused',
      'capture-refused',
      'payment-voided',
    ]);
    expect(provider.calls).toEqual(['authorize', 'capture', 'void']);
    expect(payment.balances()).toEqual({});
    expect(provider.held()).toBe(0);
  });
});

describe('a provider that is away', () => {
  it('for longer than the customer waits: the order is told no, and the lost charge is given up later', async () => {
    const { provider, payment } = await begin();
    let asked = 0;
    // The first request arrives and its response is lost; then nothing arrives for two minutes.
    provider.trouble = () => {
      asked += 1;
      return asked === 1 ? 'after' : 'before';
    };
    await payment.take(authorizeWith('tok_visa'));
    await payment.seconds(20);
    expect(payment.replies()).toMatchObject([{ data: { reason: 'payment_unavailable' } }]);
    expect(provider.held()).toBe(1999);
    await payment.seconds(100);
    expect(payment.payment(orderId)).toMatchObject({ status: 'void_pending' });
    provider.trouble = () => undefined;
    await payment.seconds(40);
    expect(payment.payment(orderId)).toMatchObject({ status: 'voided', unsettledSince: null });
    expect(provider.held()).toBe(0);
    expect(payment.balances()).toEqual({});
    expect(payment.ledger().map(({ kind }) => kind)).toEqual([
      'authorize',
      'authorize',
      'void',
      'void',
    ]);
  });

  it('never holds up the undo of an order', async () => {
    const { provider, payment } = await begin();
    await payment.take(authorizeWith('tok_visa'));
    provider.trouble = () => 'before';
    await payment.take(undo);
    expect(payment.replies()[1]?.data).toEqual({ orderId, state: 'void_pending' });
    provider.trouble = () => undefined;
    await payment.seconds(2);
    expect(payment.payment(orderId)?.status).toBe('voided');
    await payment.take(undo);
    expect(payment.replies()[2]?.data).toEqual({ orderId, state: 'voided' });
  });

  it('at the capture: it is repeated until it is known, and takes the money once', async () => {
    const { provider, payment } = await begin();
    await payment.take(authorizeWith('tok_visa'));
    let asked = 0;
    provider.trouble = () => {
      asked += 1;
      return asked < 8 ? 'after' : undefined;
    };
    await payment.take(capture);
    await payment.seconds(300);
    await payment.take(capture);
    expect(types(payment)).toEqual(['payment-authorized', 'payment-captured', 'payment-captured']);
    expect(provider.charges.get(`${orderId}/authorize-payment`)?.captured).toBe(1999);
    expect(payment.balances()).toEqual({ customer: -1999, provider_balance: 1999 });
  });
});

describe('a refund', () => {
  const refund = RefundPayment({ orderId, refundId, amount: { amount: 500, currency: 'EUR' } });

  it('happens once, however often it is asked and whatever answers are lost', async () => {
    const { provider, payment } = await begin();
    await payment.take(authorizeWith('tok_visa'));
    await payment.take(capture);
    provider.trouble = lostOnce();
    await payment.take(refund);
    await payment.take(refund);
    await payment.seconds(2);
    expect(types(payment).slice(2)).toEqual(['payment-refunded', 'payment-refunded']);
    expect(provider.charges.get(`${orderId}/authorize-payment`)?.refunded).toBe(500);
    expect(payment.payment(orderId)?.refunded).toBe(500);
    expect(payment.balances()).toEqual({ customer: -1499, provider_balance: 1499 });
  });

  it('of more than was captured is refused without asking the provider', async () => {
    const { provider, payment } = await begin();
    await payment.take(authorizeWith('tok_visa'));
    await payment.take(refund);
    await payment.take(capture);
    await payment.take(
      RefundPayment({ orderId, refundId, amount: { amount: 2000, currency: 'EUR' } }),
    );
    expect(types(payment)).toEqual([
      'payment-authorized',
      'refund-refused',
      'payment-captured',
      'refund-refused',
    ]);
    expect(provider.calls).not.toContain('refund');
  });
});
