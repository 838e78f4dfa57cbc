import { computed, signal } from '@preact/signals';
import { createWaybillClient, type WaybillClient } from '@waybill/client';
import { type Claims, claimsOf, isExpired } from './token.ts';

interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** Of this tab alone, and gone with it. */
const place = 'waybill.session';
const kept = signal<Tokens | null>(JSON.parse(sessionStorage.getItem(place) ?? 'null'));
let refreshing: Promise<Tokens | null> | null = null;

/** The API as anybody may call it. */
export const open: WaybillClient = createWaybillClient({ baseUrl: location.origin });

let known: Claims | null = null;
/** Who is signed in; null if nobody is. A new token of the same user is no change. */
export const user = computed(() => {
  const claims = kept.value && claimsOf(kept.value.access);
  if (claims?.sub !== known?.sub) known = claims;
  return known;
});

/** Nobody is signed in any more, and has not asked for it. */
export const hasEnded = signal(false);

/** The API as the user who is signed in calls it. */
export const api: WaybillClient = createWaybillClient({
  baseUrl: location.origin,
  token: async () => (await current())?.access ?? '',
  fetch: async (request) => {
    const sent = kept.value?.access;
    const response = await fetch(request);
    // Only for the token that was refused: there may be a new one meanwhile.
    if (response.status === 401 && sent && sent === kept.value?.access) end();
    return response;
  },
});

/** Resolves with what a call answers, also if nothing comes: then without data and without an error. */
export const answered = <T extends object>(call: Promise<T>): Promise<T> =>
  call.catch(() => ({ response: Response.error() }) as unknown as T);

/** What an answer says that is no success (RFC 9457). */
export interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Why a call was refused, in words for its reader, who knows fields by the name that `nameOf` gives to their JSON pointer. */
export function reasonOf(problem: Problem | undefined, nameOf = labelOf): string {
  const fields = problem?.errors?.map(({ path, message }) => `${nameOf(path)}: ${message}`);
  return fields?.join('; ') || problem?.detail || problem?.title || 'The shop does not answer.';
}

/** Whether what a page is about is not there. Its read sends nothing but the id of the address, so a 400 or 414 says that this is none. */
export const isAbsent = ({ status }: Response): boolean => [400, 404, 414].includes(status);

/** `/shippingAddress/postalCode` is the field that is labelled Postal code. */
const labelOf = (path: string): string =>
  (path.split('/').at(-1) ?? '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** A ticket for a WebSocket; rejects if nobody is signed in. */
export async function ticket(): Promise<string> {
  const { data, error } = await api.POST('/api/v1/ws/tickets');
  if (!data) throw new Error(reasonOf(error));
  return data.ticket;
}

/** Resolves with what was wrong; null if nothing was. */
export async function register(
  name: string,
  email: string,
  password: string,
): Promise<string | null> {
  const body = { name, email, password, locale: navigator.language.slice(0, 2) };
  const { data, error } = await open.POST('/api/v1/customers', { body });
  return data ? signIn(email, password) : reasonOf(error);
}

/** Resolves with what was wrong; null if nothing was. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const { data, error } = await open.POST('/api/v1/auth/token', { body: { email, password } });
  if (!data) return reasonOf(error);
  keep({ access: data.accessToken, refresh: data.refreshToken });
  hasEnded.value = false;
  return null;
}

export async function signOut(): Promise<void> {
  const refreshToken = kept.value?.refresh;
  keep(null);
  if (!refreshToken) return;
  await open.POST('/api/v1/auth/logout', { body: { refreshToken } }).catch(() => undefined);
}

/** One refresh for all requests that find the token expired: a refresh token is valid once. */
async function current(): Promise<Tokens | null> {
  const tokens = kept.value;
  if (!tokens || !isExpired(tokens.access)) return tokens;
  refreshing ??= refreshed(tokens).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function refreshed({ refresh }: Tokens): Promise<Tokens | null> {
  const body = { refreshToken: refresh };
  const { data, response } = await open.POST('/api/v1/auth/refresh', { body });
  if (data) return keep({ access: data.accessToken, refresh: data.refreshToken });
  return response.status === 401 ? end() : kept.value;
}

function end(): null {
  hasEnded.value = true;
  keep(null);
  return null;
}

function keep(tokens: Tokens | null): Tokens | null {
  kept.value = tokens;
  if (tokens) sessionStorage.setItem(place, JSON.stringify(tokens));
  else sessionStorage.removeItem(place);
  return tokens;
}
