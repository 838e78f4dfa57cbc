import type { Schemas } from '@waybill/client';
import type { Client } from '../system/client.ts';
import type { Target } from './target.ts';

let made = 0;

/** A new customer, signed in. */
export async function newCustomer(
  target: Target,
  { domain = 'example.com', locale = 'en' }: { domain?: string; locale?: string },
): Promise<{ readonly email: string; readonly client: Client }> {
  made += 1;
  const email = `${target.unique(`new${made}`)}@${domain}`.toLowerCase();
  const password = 'correct horse';
  const { api } = target.anonymous();
  await api.POST('/api/v1/customers', { body: { email, password, name: 'New Customer', locale } });
  const answer = await target
    .anonymous()
    .post<Schemas['IssuedTokens']>('/api/v1/auth/token', { email, password });
  return { email, client: target.anonymous().with(answer.body.accessToken) };
}
