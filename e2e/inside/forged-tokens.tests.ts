import { expect, it } from '@jest/globals';
import { Client } from '../system/client.ts';
import { OrderStreamReader } from '../system/order-stream-reader.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';
import { resigning } from './resigned-token.ts';

const now = (): number => Math.floor(Date.now() / 1_000);

/** Invalid tokens that are signed with the system's own key. */
export function forgedTokenTests(system: () => SystemUnderTest): void {
  it('are refused when they have expired, are for others or of others, or make no sense', async () => {
    const { url, token } = await system().as('ada');
    const resigned = await resigning(token, system().data);
    for (const claims of [
      { exp: now() - 120, iat: now() - 4_000 },
      { aud: 'another-system' },
      { iss: 'urn:somebody-else' },
      { exp: 1e308 },
      { iat: now() + 4_000 },
      { nbf: -1e308 },
    ]) {
      const client = new Client(url, resigned(claims));
      const { status, headers } = await client.get('/api/v1/orders');
      expect([claims, status]).toEqual([claims, 401]);
      expect(headers.get('www-authenticate')).toContain('Bearer');
    }
    const good = resigned({ exp: now() + 60 });
    expect((await new Client(url, good).get('/api/v1/orders')).status).toBe(200);
  });

  it('keep a stream open for years, where they live so long', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const exp = now() + 3 * 365 * 86_400;
    const resigned = await resigning(ada.token, system().data);
    const lasting = new Client(ada.url, resigned({ exp }));
    const reader = await OrderStreamReader.open(lasting, body.id);
    await reader.reachesStatus('confirmed');
    expect(reader.ended).toBe(false);
    reader.close();
  });
}
