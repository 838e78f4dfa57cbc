import { effect, signal, untracked } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { api, user } from '../lib/session.ts';
import { idOfPage } from './address.ts';
import { outcomeOf } from './call.ts';

type AuditLine = Schemas['DeadLetterAudit']['items'][number];

const id = idOfPage();
const path = { path: { id } };
export const letter = signal<Schemas['DeadLetter'] | null>(null);
export const trouble = signal<string | null>(null);
export const audit = signal<readonly AuditLine[]>([]);
/** The data of the message as an operator edits them; null as long as nobody does. */
export const draft = signal<string | null>(null);

async function read(): Promise<void> {
  const [found, lines] = await Promise.all([
    outcomeOf(api.GET('/api/v1/dead-letters/{id}', { params: path }), 'dead letter'),
    outcomeOf(api.GET('/api/v1/dead-letters/{id}/audit', { params: path })),
  ]);
  trouble.value = found.trouble;
  letter.value = found.data ?? null;
  audit.value = lines.data?.items ?? [];
}

effect(() => {
  if (user.value) untracked(() => void read());
});

/**
 * Begins to edit, with the data as they came: what is shown is masked, and a message must not be redriven with masks in it. The reason is
 * in the audit.
 */
export async function edit(reason: string): Promise<string | null> {
  const { data, trouble: why } = await outcomeOf<unknown>(
    api.GET('/api/v1/dead-letters/{id}/original', {
      params: { ...path, query: { reason } },
      parseAs: 'text',
    }),
  );
  if (why) return why;
  try {
    draft.value = JSON.stringify(JSON.parse(String(data)).data, null, 2);
  } catch {
    return 'It is not a message, so it cannot be edited.';
  }
  await read();
  return null;
}

/** Redrives it, with the edited data if there are any. */
export async function redrive(): Promise<string | null> {
  let body: { data?: unknown } = {};
  try {
    if (draft.value !== null) body = { data: JSON.parse(draft.value) };
  } catch (error) {
    return `The data are not JSON: ${(error as Error).message}`;
  }
  const { trouble: why } = await outcomeOf(
    api.POST('/api/v1/dead-letters/{id}/redrive', { params: path, body }),
  );
  if (!why) draft.value = null;
  if (!why) await read();
  return why;
}

export async function discard(): Promise<string | null> {
  const { trouble: why } = await outcomeOf(
    api.DELETE('/api/v1/dead-letters/{id}', { params: path }),
  );
  if (!why) await read();
  return why;
}
