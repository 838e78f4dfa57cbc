import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { idOfPage } from './address.ts';
import { outcomeOf } from './call.ts';
import { History } from './history.ts';

export type Waiting = Omit<Schemas['WaitingPage'], 'nextCursor'>;

export const name = idOfPage();
const params = { params: { path: { name } } };

export const channel = signal<Schemas['Channel'] | null>(null);
export const trouble = signal<string | null>(null);
/** What waits, once it was looked for. */
export const waiting = signal<Waiting | null>(null);

export const depths = new History(['depth']);
export const ages = new History(['oldest']);
export const rates = new History(['processed']);

async function read(): Promise<void> {
  const { data, trouble: why } = await outcomeOf(
    api.GET('/api/v1/channels/{name}', params),
    'channel',
  );
  trouble.value = why;
  if (!data) return;
  channel.value = data;
  depths.add({ depth: data.depth });
  ages.add({ oldest: data.lagMs });
  rates.add({ processed: data.rates.perSecond });
}

effect(() => (user.value ? repeat(read, 2_000) : undefined));

export async function browse(): Promise<void> {
  const { data, trouble: why } = await outcomeOf(
    api.GET('/api/v1/channels/{name}/messages', {
      params: { path: { name }, query: { limit: 50 } },
    }),
  );
  trouble.value = why;
  if (data) waiting.value = data;
}

export async function pause(): Promise<string | null> {
  const done = await outcomeOf(api.POST('/api/v1/channels/{name}/pause', params));
  await read();
  return done.trouble;
}

export async function resume(): Promise<string | null> {
  const done = await outcomeOf(api.POST('/api/v1/channels/{name}/resume', params));
  await read();
  return done.trouble;
}

export async function purge(confirm: string): Promise<string | null> {
  const done = await outcomeOf(
    api.POST('/api/v1/channels/{name}/purge', { ...params, body: { confirm } }),
  );
  await read();
  return done.trouble;
}

export async function seek(group: string, to: 'earliest' | 'latest'): Promise<string | null> {
  const done = await outcomeOf(
    api.POST('/api/v1/channels/{name}/seek', { ...params, body: { group, to } }),
  );
  await read();
  return done.trouble;
}
