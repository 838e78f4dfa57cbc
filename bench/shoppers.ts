import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

const address = {
  name: 'Ada L.',
  line1: '1 Main St',
  line2: null,
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
};

export const orderBody = (sku: string): string =>
  JSON.stringify({
    lines: [{ sku, quantity: 1 }],
    shippingAddress: address,
    shippingMethod: 'standard',
    payment: { method: 'card', token: 'tok_visa' },
    note: null,
  });

/** The result of placing the orders of one run. */
export interface Taken {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  /** Milliseconds of each accepted POST. */
  readonly latencies: readonly number[];
}

interface Product {
  readonly sku: string;
  readonly available: number;
}

const patience = 30_000;

/** A system that has just become ready may be too busy for its first request. */
async function productsAt(pool: Pool): Promise<readonly Product[]> {
  for (const late = performance.now() + patience; ; await pause(200)) {
    const listed = await pool.request({ path: '/api/v1/products?limit=200', method: 'GET' });
    if (listed.statusCode === 200) {
      return ((await listed.body.json()) as { items: readonly Product[] }).items;
    }
    await listed.body.dump();
    if (performance.now() > late) throw new Error(`GET /products answers ${listed.statusCode}`);
  }
}

/** How customers order. */
export interface Loop {
  /** The products they order in turn; default: all with sufficient stock. */
  readonly skus?: readonly string[];
  /** Whether they repeat an order under its idempotency key when its response is lost, for systems with kills. Default false. */
  readonly keyed?: boolean;
}

/** Customers who place orders over HTTP. */
export class Shoppers {
  private constructor(
    private readonly pool: Pool,
    readonly token: string,
    readonly skus: readonly string[],
  ) {}

  static async at(url: string, connections: number): Promise<Shoppers> {
    const pool = new Pool(url, { connections, pipelining: 1 });
    const answer = await pool.request({
      path: '/api/v1/auth/token',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', password: 'waybill' }),
    });
    const { accessToken } = (await answer.body.json()) as { accessToken: string };
    const items = await productsAt(pool);
    const skus = items.filter(({ available }) => available > 500_000).map(({ sku }) => sku);
    return new Shoppers(pool, accessToken, skus);
  }

  /** Closed loop: each of `shoppers` places an order when its last one was accepted, and repeats a refused one after a pause. */
  async closedLoop(
    orders: number,
    shoppers: number,
    { skus = this.skus, keyed = false }: Loop = {},
  ): Promise<Taken> {
    let [begun, refused] = [0, 0];
    const latencies: number[] = [];
    const started = performance.now();
    await Promise.all(
      Array.from({ length: shoppers }, async () => {
        while (begun < orders) {
          const sku = skus[begun % skus.length] ?? '';
          begun += 1;
          const key = keyed ? randomUUID() : undefined;
          let took = await this.place(sku, key);
          while (took === null) {
            refused += 1;
            await pause(20);
            took = await this.place(sku, key);
          }
          latencies.push(took);
        }
      }),
    );
    return {
      accepted: latencies.length,
      refused,
      seconds: (performance.now() - started) / 1000,
      latencies,
    };
  }

  /** Open loop: `rate` orders per second even if the system cannot keep up; latency counts from the time each was due. */
  async openLoop(orders: number, rate: number): Promise<Taken> {
    const latencies: number[] = [];
    let refused = 0;
    const started = performance.now();
    const placing = Array.from({ length: orders }, async (_, i) => {
      const due = started + (i * 1000) / rate;
      await pause(due - performance.now());
      const took = await this.place(this.skus[i % this.skus.length] ?? '');
      if (took === null) refused += 1;
      else latencies.push(performance.now() - due);
    });
    await Promise.all(placing);
    return {
      accepted: latencies.length,
      refused,
      seconds: (performance.now() - started) / 1000,
      latencies,
    };
  }

  /** Places one order and waits until it is confirmed; returns the milliseconds of both together. */
  async placeAndWait(i: number): Promise<number> {
    const started = performance.now();
    const answer = await this.post(this.skus[i % this.skus.length] ?? '');
    const location = String(answer.headers['location']);
    await answer.body.dump();
    const order = await this.pool.request({
      path: `${location}?wait=30s`,
      method: 'GET',
      headers: { authorization: `Bearer ${this.token}` },
    });
    const { status } = (await order.body.json()) as { status: string };
    if (status !== 'confirmed') throw new Error(`order ${location} is ${status}`);
    return performance.now() - started;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async place(sku: string, key?: string): Promise<number | null> {
    const started = performance.now();
    const answer = await this.post(sku, key);
    await answer.body.dump();
    if (answer.statusCode === 503 || answer.statusCode === 429) return null;
    if (answer.statusCode >= 500 && key) return null;
    if (answer.statusCode !== 202) throw new Error(`POST /orders answered ${answer.statusCode}`);
    return performance.now() - started;
  }

  private post(sku: string, key?: string) {
    return this.pool.request({
      path: '/api/v1/orders',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.token}`,
        ...(key ? { 'idempotency-key': key } : {}),
      },
      body: orderBody(sku),
    });
  }
}
