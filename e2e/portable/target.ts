import { randomBytes } from 'node:crypto';
import { beforeAll } from '@jest/globals';
import { signedHeaders } from '@waybill/webhooks';
import { ApiContract } from '../system/api-contract.ts';
import type { Answer, Client, OrderView } from '../system/client.ts';
import { stockUp } from '../system/products.ts';
import { orderThatIs } from '../system/system-under-test.ts';
import { type Credentials, type User, Users } from '../system/users.ts';
import { type TargetSettings, targetSettings } from './target.config.ts';

const plenty = 100_000;

/**
 * A running system, accessed only through its public API. Every response is checked against the system's API
 * document. Everything that tests create in it has names that are unique to the run.
 */
export class Target {
  private readonly run = randomBytes(4).toString('hex').toUpperCase();
  private readonly users: Users;
  private products = 0;
  /** Every accepted order, as in the response to its placement, with the user who placed it. */
  readonly placed = new Map<string, OrderView>();

  private constructor(
    readonly url: string,
    readonly contract: ApiContract,
    private readonly settings: TargetSettings,
  ) {
    this.users = new Users(
      () => url,
      settings.users,
      () => ({
        order: { lines: [{ sku: this.usualSku, quantity: 1 }] },
        watch: (method, path, answer) => this.watch(method, path, answer),
      }),
    );
  }

  /** Resolves when all users are signed in and the usual product is in stock. */
  static async open(url: string, settings = targetSettings): Promise<Target> {
    const target = new Target(url, await ApiContract.of(url), settings);
    const ops = await target.as('ops');
    await stockUp(ops, target.usualSku, plenty);
    return target;
  }

  /** The product of orders that name none. */
  get usualSku(): string {
    return `E2E-${this.run}`;
  }

  as(user: User): Promise<Client> {
    return this.users.as(user);
  }

  anonymous(): Client {
    return this.users.anonymous();
  }

  /** With which a user signs in. */
  credentials(user: User): Credentials {
    return this.settings.users[user];
  }

  /** A text that is unique to this run. */
  unique(text: string): string {
    return `${text}-${this.run}`;
  }

  /** Creates a product with `quantity` units in stock; resolves with its SKU. */
  async product(quantity: number, parts: Parameters<typeof stockUp>[3] = {}): Promise<string> {
    this.products += 1;
    const sku = `E2E-${this.run}-${this.products}`;
    await stockUp(await this.as('ops'), sku, quantity, parts);
    return sku;
  }

  /** Resolves with the order once it has a status. */
  reaches(client: Client, id: string, status: string): Promise<OrderView> {
    return orderThatIs(client, id, status);
  }

  /** Posts a webhook of a carrier or of the payment provider, signed with its secret. */
  tell<T>(
    who: 'carriers' | 'payment',
    path: string,
    id: string,
    event: object,
  ): Promise<Answer<T>> {
    const body = JSON.stringify(event);
    const headers = signedHeaders(this.settings.webhookSecrets[who], { id, body }, new Date());
    return this.anonymous().send('POST', path, { raw: body, headers });
  }

  private watch(method: string, path: string, answer: Answer<unknown>): void {
    this.contract.saw(method, path, answer);
    if (method !== 'POST' || path !== '/api/v1/orders' || answer.status !== 202) return;
    const order = answer.body as OrderView;
    this.placed.set(order.id, order);
  }
}

/** One target for all tests of a file; the returned function gives it. */
export function useTarget(url: () => string): () => Target {
  let target: Target | undefined;
  beforeAll(async () => {
    target = await Target.open(url());
  });
  return () => {
    if (!target) throw new Error('the target is not open');
    return target;
  };
}
