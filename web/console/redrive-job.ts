import { computed, effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { outcomeOf } from './call.ts';

type Job = Schemas['Job'];

/** The last job that redrives many dead letters, whoever has begun it; null if there is none. */
export const job = signal<Job | null>(null);

export const isDone = computed(() => job.value?.state === 'done');

/** Begins a job, which is followed until it is done. */
export async function redriveAll(
  filter: Readonly<Record<string, string>>,
  ratePerSecond: number,
): Promise<string | null> {
  const { data, trouble } = await outcomeOf(
    api.POST('/api/v1/dead-letters/redrive', { body: { filter, ratePerSecond } }),
  );
  if (data) job.value = data;
  return trouble;
}

async function read(): Promise<void> {
  const { data } = await outcomeOf(api.GET('/api/v1/dead-letters/redrives'));
  const [last] = data?.items ?? [];
  if (last) job.value = last;
}

effect(() => (user.value ? repeat(read, 2_000) : undefined));
