import { Pool } from 'undici';
import { orderBody } from '../shoppers.ts';

/** The customer whose orders are watched. */
export class OneCustomer {
  private readonly pool: Pool;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    url: string,
    token: string,
    private readonly sku: string,
  ) {
    this.pool = new Pool(url, { connections: 4 });
    this.headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  }

  /** The id of the order; null if it was refused. */
  async place(): Promise<string | null> {
    const order = await this.call('POST', '/api/v1/orders', orderBody(this.sku));
    return order['status'] === 'pending' ? String(order['id']) : null;
  }

  /** When an order was confirmed, in milliseconds since the epoch; null if it was not. */
  async confirmedAt(id: string): Promise<number | null> {
    const { items } = await this.call('GET', `/api/v1/orders/${id}/events`);
    const events = items as readonly { readonly type: string; readonly at: string }[];
    const found = events.find(({ type }) => type.includes('confirmed'));
    return found ? Date.parse(found.at) : null;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async call(method: 'GET' | 'POST', path: string, body: string | null = null) {
    const answer = await this.pool.request({ path, method, headers: this.headers, body });
    return (await answer.body.json()) as Readonly<Record<string, unknown>>;
  }
}
