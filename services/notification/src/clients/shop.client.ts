import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@waybill/service';
import { z } from 'zod';
import type { PlacedOrder } from '../domain/synthetic-order.ts';
import type { NotificationConfig } from '../notification.config.ts';

const patience = 15_000;
const token = z.object({ accessToken: z.string() });
const order = z.object({ id: z.uuid(), status: z.string(), reason: z.string().nullable() });
const page = z.object({ items: z.array(order) });

const address = {
  name: 'Synthetic Order',
  line1: '1 Main St',
  line2: null,
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
};

/** The shop as a customer's program sees it: over its public API, signed in as one customer. */
@Injectable()
export class ShopClient {
  constructor(@Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'synthetic'>) {}

  /** Signs in. Each function rejects with what was answered instead of a success. */
  async signIn() {
    const { url, email, password, sku, card } = this.settings();
    const { accessToken } = token.parse(
      await call(`${url}/api/v1/auth/token`, { method: 'POST', body: { email, password } }),
    );
    const send = (path: string, method: 'GET' | 'POST' = 'GET', body?: object): Promise<unknown> =>
      call(`${url}/api/v1/orders${path}`, { method, body, accessToken });
    return {
      /** Those that were confirmed and not cancelled. */
      confirmed: async (): Promise<readonly PlacedOrder[]> =>
        page.parse(await send('?status=confirmed&limit=50')).items,
      place: async (): Promise<PlacedOrder> => {
        const lines = [{ sku, quantity: 1 }];
        const payment = { method: 'card', token: card };
        const rest = { shippingAddress: address, shippingMethod: 'standard', payment };
        return order.parse(await send('', 'POST', { lines, ...rest, note: 'synthetic order' }));
      },
      /** As soon as it has an outcome, or after ten seconds. */
      outcome: async (id: string): Promise<PlacedOrder> =>
        order.parse(await send(`/${id}?wait=10s`)),
      cancel: async (id: string): Promise<void> => {
        await send(`/${id}/cancel`, 'POST', { reason: 'synthetic order' });
      },
    };
  }

  private settings(): NonNullable<NotificationConfig['synthetic']['shop']> {
    const { shop } = this.config.synthetic;
    if (!shop) throw new Error('there is no shop to order from');
    return shop;
  }
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly body?: object | undefined;
  readonly accessToken?: string;
}

/** Errors name the status, and no part of an answer, which may hold personal data. */
async function call(url: string, { method, body, accessToken }: Call): Promise<unknown> {
  const { pathname } = new URL(url);
  const step = `${method} ${pathname.replace(/[0-9a-f-]{36}/, '{id}')}`;
  const response = await fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  }).catch(() => {
    throw new Error(`${step} was not answered`);
  });
  if (response.ok) return response.json();
  await response.body?.cancel();
  throw new Error(`${step} was answered with ${response.status}`);
}
