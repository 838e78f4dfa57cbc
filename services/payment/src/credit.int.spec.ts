import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CapturePayment,
  channelOf,
  decode,
  type Envelope,
  encode,
  FindAccount,
  type FoundAccount,
  type Message,
  newId,
  RefundPayment,
  ReleaseCredit,
  ReserveCredit,
  wrap,
} from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { oneBroker } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { PaymentModule } from './payment.module.ts';
import { paymentInvariants } from './storage/payment.invariants.ts';
import { paymentStorage } from './storage/payment.storage.ts';

const broker = embeddedBroker();
const replicas: RunningService[] = [];
const replies: Envelope[] = [];
/** There is no account of the first, the second is erased, and about the third the customer service does not answer. */
const [nobody = '', erased = '', away = ''] = [newId(), newId(), newId()];
let database: TestDatabase;
let received: () => void = () => {};

beforeAll(async () => {
  database = await testDatabase(paymentStorage);
  const group = { name: 'order', kind: 'reply' as const, partitions: 1 };
  await broker.declare([{ ...group, bindings: [{ channel: 'payment.replies', pattern: '#' }] }]);
  await broker.subscribe(group.name, {
    assigned: async () => undefined,
    revoked: () => undefined,
    deliver: (delivery) => {
      replies.push(decode(delivery.body));
      delivery.ack();
      received();
    },
  });
  await broker.respond(FindAccount as never, async (data) => {
    const { customerId } = data as { customerId: string };
    if (customerId === away) throw new Error('away');
    const statuses: Record<string, FoundAccount['status']> = { [nobody]: '', [erased]: 'erased' };
    return { status: statuses[customerId] ?? 'active' } satisfies FoundAccount;
  });
  for (const migrate of [true, false]) {
    replicas.push(
      await startService(PaymentModule, {
        brokers: oneBroker(broker),
        migrate,
        listen: null,
        tokenVerifier: {
          verify: (id) => ({
            id,
            name: id,
            email: `${id}@example.com`,
            roles: [id.startsWith('ops') ? 'operator' : 'customer'],
          }),
        },
        env: {
          DATABASE_URL: database.url,
          LOG_LEVEL: 'silent',
          SERVICE_SECRET: 'a-secret-for-tests-of-32-characters-or-more',
        },
      }),
    );
  }
}, 60_000);
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await broker.close();
  await database?.close();
});
afterEach(async () => {
  expect(await paymentInvariants(database.dataSource)).toEqual([]);
});

const euros = (amount: number) => ({ amount, currency: 'EUR' });

interface Changing {
  readonly at?: number;
  readonly key?: string;
  readonly as?: string;
}

const change = (
  kind: 'deposit' | 'withdraw',
  customer: string,
  amount: unknown,
  { at = 0, key, as = 'ops' }: Changing = {},
) =>
  (replicas[at % 2] as RunningService).app.inject({
    method: 'POST',
    url: `/api/v1/customers/${customer}/credit/${kind}`,
    payload: { amount },
    headers: { authorization: `Bearer ${as}`, ...(key && { 'idempotency-key': key }) },
  });
const creditOf = async (customer: string, query = '') => {
  const answer = await (replicas[0] as RunningService).app.inject({
    url: `/api/v1/customers/me/credit${query}`,
    headers: { authorization: `Bearer ${customer}` },
  });
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
async function withCredit(amount: number): Promise<string> {
  const customer = newId();
  expect((await change('deposit', customer, euros(amount))).statusCode).toBe(200);
  return customer;
}

/** Sends a withdrawal; a busy machine refuses with 503, and the client comes again with its key. */
async function withdraw(customer: string, at: number): Promise<number> {
  const key = newId();
  for (let attempt = 1; ; attempt += 1) {
    const { statusCode } = await change('withdraw', customer, euros(100), { at, key });
    if (statusCode !== 503 || attempt === 20) return statusCode;
    await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
  }
}

/** Sends commands as the order service does, and resolves with the types of their replies. */
async function call(...commands: readonly Message[]): Promise<string[]> {
  const ids = commands.map((message) => {
    const id = newId();
    const cause = { id, correlationId: id, traceparent: null };
    const wrapped = wrap(message, { cause, source: 'order', now: new Date(), name: 'spec' });
    const envelope = { ...wrapped, id };
    const channel = channelOf(message.contract);
    broker.publish([{ channel, envelope, body: encode(envelope) }], () => {});
    return id;
  });
  const reply = (id: string) => replies.find(({ causationId }) => causationId === id);
  while (!ids.every(reply)) await new Promise<void>((resolve) => (received = resolve));
  return ids.map((id) => (reply(id) as Envelope).type.slice('payment.'.length));
}

describe.each([
  ['one process', 1],
  ['two replicas', 2],
])('store credit in %s', (_, count) => {
  it('is never overdrawn by 200 withdrawals at once', async () => {
    const customer = await withCredit(5_000);
    const statuses = await Promise.all(
      Array.from({ length: 200 }, (_, n) => withdraw(customer, n % count)),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(50);
    expect(statuses.filter((status) => status === 409)).toHaveLength(150);
    expect(await creditOf(customer)).toMatchObject({ balance: euros(0), available: euros(0) });
  }, 30_000);

  it('goes to as many orders and withdrawals at once as there is credit for', async () => {
    const customer = await withCredit(5_000);
    const reserves = Array.from({ length: 100 }, () =>
      ReserveCredit({ orderId: newId(), customerId: customer, amount: euros(100) }),
    );
    const [statuses, types] = await Promise.all([
      Promise.all(Array.from({ length: 100 }, (_, n) => withdraw(customer, n % count))),
      call(...reserves),
    ]);
    const withdrawn = statuses.filter((status) => status === 200).length;
    const reserved = types.filter((type) => type === 'credit-reserved').length;
    expect(withdrawn + reserved).toBe(50);
    expect(await creditOf(customer)).toMatchObject({
      balance: euros(100 * reserved),
      available: euros(0),
    });
  }, 30_000);
});

describe('an order that store credit pays', () => {
  it('reserves, takes and gets back, and the customer sees each change of the available credit', async () => {
    const customerId = await withCredit(5_000);
    const orderId = newId();
    const amount = euros(3_000);
    const reserve = ReserveCredit({ orderId, customerId, amount });
    expect(await call(reserve)).toEqual(['credit-reserved']);
    expect(await creditOf(customerId)).toMatchObject({
      balance: euros(5_000),
      available: euros(2_000),
    });
    expect((await change('withdraw', customerId, euros(2_001))).json().code).toBe(
      'insufficient_credit',
    );
    const capture = CapturePayment({ orderId, amount, credit: { customerId, amount } });
    const refund = RefundPayment({ orderId, refundId: newId(), amount: euros(1_000), customerId });
    for (const [message, type] of [
      [capture, 'payment-captured'],
      [capture, 'payment-captured'],
      [reserve, 'credit-reserved'],
      [refund, 'payment-refunded'],
      [refund, 'payment-refunded'],
    ] as const)
      expect(await call(message)).toEqual([type]);
    const seen = await creditOf(customerId);
    expect(seen).toMatchObject({ balance: euros(3_000), available: euros(3_000), currency: 'EUR' });
    expect(seen.items.map(({ kind, amount, orderId }: never) => [kind, amount, orderId])).toEqual([
      ['credit_refund', euros(1_000), orderId],
      ['reserve', euros(-3_000), orderId],
      ['deposit', euros(5_000), null],
    ]);
    const payment = await (replicas[1] as RunningService).app.inject({
      url: `/api/v1/payments/${orderId}`,
      headers: { authorization: 'Bearer ops' },
    });
    expect(payment.json()).toMatchObject({
      status: 'captured',
      provider: 'credit',
      captured: amount,
      refunded: euros(1_000),
      credit: { status: 'captured', amount, refunded: euros(1_000) },
      refunds: [{ amount: euros(1_000), credit: euros(1_000) }],
      providerCalls: [],
    });
  });

  it('that is undone has reserved nothing, also if the undo comes first', async () => {
    const customerId = await withCredit(1_000);
    const [orderId, early] = [newId(), newId()];
    const amount = euros(1_000);
    await call(ReserveCredit({ orderId, customerId, amount }));
    expect(await call(ReleaseCredit({ orderId, customerId }))).toEqual(['credit-released']);
    expect(await call(ReleaseCredit({ orderId: early, customerId }))).toEqual(['credit-released']);
    expect(await call(ReserveCredit({ orderId: early, customerId, amount }))).toEqual([
      'credit-declined',
    ]);
    expect(await creditOf(customerId)).toMatchObject({ available: amount });
  });
});

describe('a deposit', () => {
  it('with one key is made once, wherever and how often it is sent', async () => {
    const customer = newId();
    const key = 'deposit-1';
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => change('deposit', customer, euros(700), { at, key })),
    );
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true');
    expect(replayed).toHaveLength(19);
    expect(await creditOf(customer)).toMatchObject({ balance: euros(700) });
    const other = await change('deposit', customer, euros(701), { key });
    expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency_key_reused']);
    const elsewhere = await change('deposit', newId(), euros(700), { key });
    expect(elsewhere.statusCode).toBe(422);
    const byOther = await change('deposit', customer, euros(700), { key, as: 'ops-2' });
    expect([byOther.statusCode, byOther.json().balance]).toEqual([200, euros(1_400)]);
  });

  it('for an id that the own issuer cannot have given is refused', async () => {
    const answer = await change('deposit', 'ada', euros(1));
    expect([answer.statusCode, answer.json().errors]).toMatchObject([400, [{ path: '/id' }]]);
  });

  it.each([
    [euros(0), 400, '/amount/amount'],
    [euros(-1), 400, '/amount/amount'],
    [euros(0.5), 400, '/amount/amount'],
    [700, 400, '/amount'],
    [undefined, 400, '/amount'],
    [{ ...euros(1), to: 'me' }, 400, '/amount/to'],
    [{ amount: 1, currency: 'euro' }, 400, '/amount/currency'],
    [{ amount: 1, currency: 'USD' }, 422, '/amount/currency'],
  ])('of %j is refused', async (amount, status, path) => {
    const customer = newId();
    const answer = await change('deposit', customer, amount);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().errors).toMatchObject([{ path }]);
    expect(await creditOf(customer)).toMatchObject({ balance: euros(0), items: [] });
  });

  it.each([
    ['of nobody', nobody, 404, 'not_found'],
    ['that is erased', erased, 404, 'not_found'],
    ['of whom is not known whether there is one', away, 503, 'unavailable'],
  ])('to a customer %s is refused', async (_, customer, status, code) => {
    const answer = await change('deposit', customer, euros(1));
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect((await creditOf(customer)).balance).toEqual(euros(0));
  });

  it('is for operators', async () => {
    const refused = await change('deposit', 'ada', euros(1), { as: 'ada' });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'forbidden']);
    const tooMuch = await change('deposit', await withCredit(1), euros(1_000_000_000_000));
    expect([tooMuch.statusCode, tooMuch.json().code]).toEqual([422, 'balance_too_large']);
  });
});

it('the entries of a customer come page by page, the newest first', async () => {
  const customer = newId();
  for (const amount of [1, 2, 3, 4, 5]) await change('deposit', customer, euros(amount));
  const seen: number[] = [];
  let cursor: string | null = '';
  do {
    const page: { items: { amount: { amount: number } }[]; nextCursor: string | null } =
      await creditOf(customer, `?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.items.map(({ amount }) => amount.amount));
    cursor = page.nextCursor;
  } while (cursor);
  expect(seen).toEqual([5, 4, 3, 2, 1]);
});
