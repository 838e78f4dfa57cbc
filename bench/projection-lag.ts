import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { Driver } from './driver.ts';
import type { Sizes } from './load.ts';
import { percentile } from './percentile.ts';
import { startSystem } from './start-system.ts';
import type { Subject } from './system.ts';

/** How far the list of customers is behind their changes, beside orders at a rate; `null`: as many as are accepted. */
export interface Lag {
  readonly ordersPerSecond: number | null;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly changes: number;
  readonly refused: number;
}

const emailDomain = 'lag.example';
const password = 'correct horse battery';
const customers = 10;
/** Changes of customers per second: locale and address of mail. */
const changesPerSecond = 25;
const lookEvery = 50;
const orderRates = [0, 50, null] as const;
const locales = ['de', 'en', 'fr', 'nl'];

/** Measures the `lagMs` of `GET /customers` while customers change and orders are placed. */
export async function measureLag(
  subject: Subject,
  { shoppers, warmUp, orders }: Sizes,
  say: (line: string) => void,
): Promise<readonly Lag[]> {
  const system = await startSystem(subject);
  const { url } = system.where;
  const driver = await Driver.at(system, shoppers);
  const book = await CustomerBook.at(url);
  try {
    say(`warming up with ${warmUp} orders`);
    await driver.closedLoop(warmUp, { keyed: true });
    const all: Lag[] = [];
    for (const rate of orderRates) {
      say(`${changesPerSecond} changes/s beside ${rate ?? 'as many'} orders/s`);
      const beside =
        rate === null
          ? driver.closedLoop(orders * 2)
          : rate === 0
            ? pause(20_000)
            : driver.openLoop(rate * 20, rate);
      all.push({ ordersPerSecond: rate, ...(await book.changeDuring(beside)) });
    }
    return all;
  } finally {
    await book.close();
    await driver.close();
    await system.stop();
  }
}

export const lagTable = (all: readonly Lag[]): string[] => [
  `the list of customers is behind ${changesPerSecond} changes/s by | p50 | p99 | at most, ms`,
  ...all.map(
    ({ ordersPerSecond, p50, p99, most, changes, refused }) =>
      `  beside ${ordersPerSecond ?? 'as many as are accepted'} orders/s | ${p50} | ${p99} | ${most} (${changes} changes, ${refused} refused)`,
  ),
];

/** Customers who keep changing what they chose, and an operator who reads the list of them. */
class CustomerBook {
  private constructor(
    private readonly pool: Pool,
    private readonly operator: string,
    private readonly tokens: readonly string[],
  ) {}

  static async at(url: string): Promise<CustomerBook> {
    const pool = new Pool(url, { connections: 32 });
    const operator = await tokenOf(pool, 'ops@example.com', 'waybill');
    const tokens: string[] = [];
    for (let n = 0; n < customers; n += 1) {
      const email = `changes${n}@${emailDomain}`;
      await send(pool, 'POST', '/api/v1/customers', {
        email,
        password,
        name: 'L. Ag',
        locale: 'en',
      });
      tokens.push(await tokenOf(pool, email, password));
    }
    return new CustomerBook(pool, operator, tokens);
  }

  async changeDuring(beside: Promise<unknown>): Promise<Omit<Lag, 'ordersPerSecond'>> {
    let over = false;
    const ended = beside.finally(() => {
      over = true;
    });
    const lags: number[] = [];
    const look = async () => {
      for (; !over; await pause(lookEvery)) lags.push(...(await this.lag()));
    };
    const changes: Promise<boolean>[] = [];
    const change = async () => {
      const began = performance.now();
      while (!over) {
        const due = ((performance.now() - began) / 1_000) * changesPerSecond;
        while (changes.length < due) changes.push(this.change(changes.length));
        await pause(5);
      }
    };
    await Promise.all([ended, look(), change()]);
    const done = await Promise.all(changes);
    return {
      p50: percentile(lags, 0.5),
      p99: percentile(lags, 0.99),
      most: Math.max(...lags),
      changes: done.length,
      refused: done.filter((each) => !each).length,
    };
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async change(n: number): Promise<boolean> {
    const token = this.tokens[n % this.tokens.length] ?? '';
    const body = { email: true, locale: locales[(n * 7) % locales.length] };
    const { status } = await send(
      this.pool,
      'PUT',
      '/api/v1/customers/me/preferences',
      body,
      token,
    );
    return status === 200;
  }

  /** Nothing if the list is not answered. */
  private async lag(): Promise<number[]> {
    const path = `/api/v1/customers?emailDomain=${emailDomain}&limit=1`;
    const { status, data } = await send(this.pool, 'GET', path, undefined, this.operator);
    return status === 200 ? [(data as { lagMs: number }).lagMs] : [];
  }
}

async function tokenOf(pool: Pool, email: string, secret: string): Promise<string> {
  const { data } = await send(pool, 'POST', '/api/v1/auth/token', { email, password: secret });
  return (data as { accessToken: string }).accessToken;
}

async function send(
  pool: Pool,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: object,
  token?: string,
) {
  const answer = await pool.request({
    method,
    path,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.statusCode, data: (await answer.body.json()) as unknown };
}
