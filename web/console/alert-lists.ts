import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { filterOfPage } from './address.ts';
import { outcomeOf } from './call.ts';
import { Rows } from './rows.ts';

export type Alert = Schemas['Alert'];
export type Silence = Schemas['Silence'];

export const states = ['firing', 'acknowledged', 'resolved'] as const;
export const state = states.find((each) => each === filterOfPage('state'));

export const alerts = new Rows<Alert>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/alerts', {
      params: { query: { limit: 25, ...(state && { state }), ...(cursor && { cursor }) } },
    }),
  ),
);
export const silences = new Rows<Silence>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/alerts/silences', {
      params: { query: { limit: 25, ...(cursor && { cursor }) } },
    }),
  ),
);

const readAll = () => Promise.all([alerts.refresh(), silences.refresh()]);

effect(() => (user.value ? repeat(readAll, 3_000) : undefined));

export async function acknowledge(id: string): Promise<string | null> {
  const { trouble } = await outcomeOf(
    api.POST('/api/v1/alerts/{id}/acknowledge', { params: { path: { id } } }),
  );
  await readAll();
  return trouble;
}

/** Sends none of these alerts for so many minutes. */
export async function silence(
  { rule, service }: Pick<Alert, 'rule' | 'service'>,
  comment: string,
  minutes: number,
): Promise<string | null> {
  const endsAt = new Date(Date.now() + minutes * 60_000).toISOString();
  const { trouble } = await outcomeOf(
    api.POST('/api/v1/alerts/silences', { body: { rule, service, comment, endsAt } }),
  );
  await readAll();
  return trouble;
}

export async function endSilence(id: string): Promise<string | null> {
  const { trouble } = await outcomeOf(
    api.DELETE('/api/v1/alerts/silences/{id}', { params: { path: { id } } }),
  );
  await readAll();
  return trouble;
}

export const channels = ['log', 'email', 'slack'] as const;

/** Resolves with why the test did not arrive; null if the channel took it. */
export async function testChannel(channel: (typeof channels)[number]): Promise<string | null> {
  const { data, trouble } = await outcomeOf(api.POST('/api/v1/alerts/test', { body: { channel } }));
  if (!data || data.status === 'sent') return trouble;
  return data.error ?? `${channel} is ${data.status.replaceAll('_', ' ')}.`;
}
