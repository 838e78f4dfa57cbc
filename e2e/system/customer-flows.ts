import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { anAddress } from '@waybill/testing';
import type { Answer, Client, OrderView, ProblemView, Read } from './client.ts';
import { eventually } from './eventually.ts';
import { partsOf } from './forged-token.ts';
import { patient } from './patience.config.ts';

const password = 'correct horse';
const customers = '/api/v1/customers';
const pause = 50;
/** Milliseconds; a replica that was killed is back long before. */
const patience = patient(120_000);
/** Milliseconds: an erasure that a kill interrupted is completed within a minute. */
const completed = patient(90_000);
/** Refused for now, or the outcome is unknown. */
const comeAgain: ReadonlySet<number> = new Set([502, 503, 504]);

/** A customer who was erased, with the texts of which nothing may be left. */
export interface Erased {
  readonly id: string;
  readonly orderId: string;
  readonly texts: readonly string[];
}

interface Customer {
  readonly email: string;
  readonly name: string;
  readonly client: Client;
  readonly refreshToken: string;
}

type Tokens = Schemas['IssuedTokens'] & ProblemView;
type Account = Schemas['Customer'] & ProblemView;

/** What customers and operators do with accounts. Each flow throws if something is lost, done by half, or refused without a reason. */
export class CustomerFlows {
  readonly erased: Erased[] = [];
  /** The keys that signed the tokens of customers. */
  readonly signedBy = new Set<string>();
  /** After how many milliseconds a deactivated customer was refused. */
  private readonly refusedAfter: number[] = [];
  /** How many requests had to be repeated. */
  private repeated = 0;
  private readonly run = randomUUID().slice(0, 8);
  private made = 0;

  constructor(
    private readonly anonymous: () => Client,
    private readonly ops: Client,
  ) {}

  /** Every flow by its name. */
  readonly all: Readonly<Record<string, () => Promise<void>>> = {
    'sign-up, sign-in and refresh': () => this.keepSession(),
    'another e-mail address': () => this.changeEmail(),
    'deactivation and reactivation': () => this.deactivate(),
    'deposits and withdrawals': () => this.changeCredit(),
    export: () => this.export(),
    erasure: () => this.erase(),
    'a new version of a key': () => this.rotateKey(),
  };

  /** What happened, in figures. */
  get told(): string {
    const slowest = Math.round(Math.max(...this.refusedAfter));
    return (
      `${this.made} customers, ${this.repeated} requests repeated, ${this.signedBy.size} signing keys, ` +
      `deactivated customers refused within ${slowest} ms`
    );
  }

  /** A new key signs tokens a moment later. */
  async rotateSigningKey(): Promise<void> {
    await this.ok(() => this.ops.post('/api/v1/auth/keys/rotate', undefined));
  }

  private async keepSession(): Promise<void> {
    const { email, client, ...customer } = await this.newCustomer();
    let { refreshToken } = customer;
    for (let n = 0; n < 5; n += 1) {
      const { answer, again } = await this.answered(() =>
        this.anonymous().post<Tokens>('/api/v1/auth/refresh', { refreshToken }),
      );
      // The response with the next token was lost.
      const next = answer.status === 401 && again ? await this.signIn(email) : answer.body;
      if (next === answer.body) expect(answer.status).toBe(200);
      ({ refreshToken } = next);
      await this.ok(() => client.with(this.noted(next.accessToken)).get(`${customers}/me`));
    }
  }

  private async changeEmail(): Promise<void> {
    const { email: before, client } = await this.newCustomer();
    const email = `next.${before}`;
    const changed = await this.ok(() =>
      client.send<Account>('PUT', `${customers}/me/email`, { json: { email } }),
    );
    expect(changed.email).toBe(email);
    await this.signIn(email);
    const old = await this.trySignIn(before);
    expect([old.status, old.body.code]).toEqual([401, 'invalid_credentials']);
    await this.signUp(before);
    expect((await this.ok(() => client.get<Account>(`${customers}/me`))).email).toBe(email);
  }

  private async deactivate(): Promise<void> {
    const { email, client } = await this.newCustomer();
    const become = (action: string) =>
      this.ok(() => this.ops.post<Account>(`${customers}/${client.userId}/${action}`, {}));
    expect(await become('deactivate')).toMatchObject({ active: false, version: 3 });
    const since = performance.now();
    await this.isRefused(client);
    this.refusedAfter.push(performance.now() - since);
    const { status, body } = await this.trySignIn(email);
    expect([status, body.code]).toEqual([403, 'customer_inactive']);
    expect(await become('reactivate')).toMatchObject({ active: true, version: 4 });
    await eventually('the customer is active again', async () => {
      return (await client.get(`${customers}/me`)).status === 200;
    });
  }

  /** Each change is sent twice at once, and repeated with its key. */
  private async changeCredit(): Promise<void> {
    const { client } = await this.newCustomer();
    let balance = 0;
    const changes = [700, -200, 300, -500, -300, 900] as const;
    for (const change of changes) {
      const kind = change > 0 ? 'deposit' : 'withdraw';
      const amount = { amount: Math.abs(change), currency: 'EUR' };
      const key = { 'idempotency-key': randomUUID() };
      const path = `${customers}/${client.userId}/credit/${kind}`;
      const send = () => this.ok(() => this.ops.post<object>(path, { amount }, key));
      const [one, other] = await Promise.all([send(), send()]);
      balance += change;
      expect([one, other]).toEqual([one, one]);
      expect(one).toMatchObject({ balance: { amount: balance } });
    }
    const found = await this.ok(() =>
      client.get<Read<'/api/v1/customers/me/credit'>>(`${customers}/me/credit`),
    );
    expect(found).toMatchObject({ balance: { amount: balance }, available: { amount: balance } });
    expect(found.items.map((each) => each.amount.amount).reverse()).toEqual(changes);
  }

  private async export(): Promise<void> {
    const { email, client } = await this.newCustomer();
    const { id } = await this.buy(client, 'exported');
    await eventually(
      'the export has everything',
      async () => {
        const found = await client.read('/api/v1/customers/me/export', {});
        if (found.missing.length > 0) return false;
        expect(found).toMatchObject({ account: { email }, orders: [{ id, note: 'exported' }] });
        expect(found.addresses).toHaveLength(1);
        return true;
      },
      patience,
    );
  }

  /** With an order that may be under way. */
  private async erase(): Promise<void> {
    const { email, name, client } = await this.newCustomer();
    const note = `note of ${name}`;
    const { id: orderId } = await this.place(client, note);
    const { answer, again } = await this.answered(() =>
      client.send<ProblemView>('DELETE', `${customers}/me`),
    );
    // 403: the response to the first request was lost.
    if (!again || answer.status !== 403) expect(answer.status).toBe(202);
    const id = client.userId;
    this.erased.push({ id, orderId, texts: [email, name, note] });
    await this.isRefused(client);
    await eventually(
      'the account is erased',
      async () => {
        const account = await this.ok(() => this.ops.get<Account>(`${customers}/${id}`));
        const { email: shown, name: called, active } = account;
        return shown === null && called === null && !active;
      },
      completed,
    );
    const { items } = await this.ok(() =>
      this.ops.get<{ items: { type: string }[] }>(`${customers}/${id}/events?limit=200`),
    );
    expect(items.filter(({ type }) => type === 'erased')).toHaveLength(1);
    expect(items.at(-1)?.type).toBe('erased');
    await this.signUp(email);
    expect((await this.signIn(email)).accessToken).toEqual(expect.any(String));
  }

  private async rotateKey(): Promise<void> {
    const { email, client } = await this.newCustomer();
    const before = await this.buy(client, 'before');
    await this.ok(() => this.ops.post(`${customers}/${client.userId}/keys/rotate`, undefined));
    const after = await this.buy(client, 'after');
    for (const { id, note } of [before, after]) {
      const found = await this.ok(() => client.get<OrderView>(`/api/v1/orders/${id}`));
      expect(found.note).toBe(note);
    }
    const account = await this.ok(() => client.get<Account>(`${customers}/me`));
    expect(account.email).toBe(email);
  }

  private async newCustomer(): Promise<Customer> {
    this.made += 1;
    const email = `flow${this.made}@${this.run}.example`;
    const name = await this.signUp(email);
    const { accessToken, refreshToken } = await this.signIn(email);
    const client = this.anonymous().with(this.noted(accessToken));
    // A request that was repeated may have added it twice.
    const { again } = await this.answered(() =>
      client.post(`${customers}/me/addresses`, { ...anAddress(), name }),
    );
    return again ? this.newCustomer() : { email, name, client, refreshToken };
  }

  /** Resolves with the name of the new customer. */
  private async signUp(email: string): Promise<string> {
    const name = `Name of ${email}`;
    const { answer, again } = await this.answered(() =>
      this.anonymous().post<Account>(customers, { email, password, name, locale: 'en' }),
    );
    const isDone = answer.status === 201 || (again && answer.body.code === 'email_taken');
    if (!isDone) throw refused(answer);
    return name;
  }

  private signIn(email: string): Promise<Tokens> {
    return this.ok(() => this.anonymous().post('/api/v1/auth/token', { email, password }));
  }

  private async trySignIn(email: string): Promise<Answer<Tokens>> {
    const { answer } = await this.answered(() =>
      this.anonymous().post<Tokens>('/api/v1/auth/token', { email, password }),
    );
    return answer;
  }

  private noted(token: string): string {
    this.signedBy.add((partsOf(token).header as { kid: string }).kid);
    return token;
  }

  private async isRefused(client: Client): Promise<void> {
    await eventually('the token is refused', async () => {
      const { status, body } = await client.get<ProblemView>('/api/v1/orders');
      return status === 403 && body.code === 'customer_inactive';
    });
  }

  private place(client: Client, note: string): Promise<OrderView> {
    const key = randomUUID();
    return this.ok(() => client.placeOrderOnce({ note }, key), 202);
  }

  private async buy(client: Client, note: string): Promise<OrderView> {
    const { id } = await this.place(client, note);
    const order = await client.settled(id, patience);
    expect(order).toMatchObject({ status: 'confirmed', note });
    return order;
  }

  /** The body of a response with a status; throws for any other that does not say to come again. */
  private async ok<T>(send: () => Promise<Answer<T>>, status = 200): Promise<T> {
    const { answer } = await this.answered(send);
    if (answer.status !== status) throw refused(answer);
    return answer.body;
  }

  /** Repeats a request until it is answered, and tells whether an earlier one may have had an effect. */
  private async answered<T>(
    send: () => Promise<Answer<T>>,
  ): Promise<{ readonly answer: Answer<T>; readonly again: boolean }> {
    const deadline = performance.now() + patience;
    for (let again = false; ; again = true) {
      const answer = await send().catch(() => undefined);
      if (answer && !comeAgain.has(answer.status)) return { answer, again };
      if (performance.now() > deadline) throw answer ? refused(answer) : new Error('no answer');
      this.repeated += 1;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

const refused = ({ status, bytes }: Answer<unknown>): Error => new Error(`${status} ${bytes}`);
