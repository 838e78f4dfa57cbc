import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { randomId } from '../lib/random-id.ts';
import { answered, api, open, user } from '../lib/session.ts';

type Activity = Schemas['Activity'];

/** How long activities wait for others, in milliseconds. */
const gather = 2_000;
const most = 500;

/** A visit is that of one tab. */
const place = 'waybill.visit';
const waiting: Activity[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Tells the shop's analytics what its visitor did, a moment later and together with what follows; some of it may be lost. A browser
 * that asks for privacy reports nothing (Global Privacy Control).
 */
export function report(type: Activity['type'], properties: Activity['properties'] = {}): void {
  const { globalPrivacyControl } = navigator as { globalPrivacyControl?: boolean };
  if (globalPrivacyControl || waiting.length === most) return;
  const occurredAt = new Date().toISOString();
  waiting.push({ type, sessionId: visit(), occurredAt, properties });
  timer ??= setTimeout(send, gather);
}

/** Reports the page that is open, and what was searched for on it. */
export function reportPage(): void {
  const [, first, id] = location.pathname.split('/');
  if (first === 'products' && id) report('view_product', { sku: decodeURIComponent(id) });
  else report('page_view', { path: first === 'orders' && id ? '/orders/:id' : location.pathname });
  const query = new URLSearchParams(location.search).get('search');
  if (query) report('search', { query: query.slice(0, 100) });
}

let before = user.peek();
effect(() => {
  if (user.value && !before) report('login');
  before = user.value;
});

// The last moment of a page: what waits goes out although the page ends.
addEventListener('pagehide', () => send());

function send(): void {
  clearTimeout(timer);
  timer = undefined;
  const body = waiting.splice(0);
  if (body.length === 0) return;
  void answered((user.value ? api : open).POST('/api/v1/activity', { body, keepalive: true }));
}

function visit(): string {
  const known = sessionStorage.getItem(place) ?? randomId();
  sessionStorage.setItem(place, known);
  return known;
}
