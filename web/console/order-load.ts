import { computed, effect, signal } from '@preact/signals';
import { createWaybillClient } from '@waybill/client';
import { randomId } from '../lib/random-id.ts';
import { sampleOrder } from '../lib/sample-order.ts';
import { open as anybody, user } from '../lib/session.ts';
import { isExpired } from '../lib/token.ts';
import { outcomeOf } from './call.ts';

/** Orders a second that the page places. */
export const rate = signal(0);
export const highestRate = 50;
export const accepted = signal(0);
/** Told to come later, because the system is busy (429, 503). */
export const refused = signal(0);
export const failed = signal(0);
/** Orders that were not placed, because too many had no answer yet. */
export const leftOut = signal(0);
const waits = signal<readonly number[]>([]);
/** Milliseconds until an order is accepted, of the half that is faster. */
export const median = computed(() => {
  const sorted = [...waits.value].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
});

/** Why no orders are placed. */
export const trouble = signal<string | null>(null);
/** Not the operator, whose every request is audited: a customer that a system has which was started for development. */
const customer = { email: 'ada@example.com', password: 'waybill' };
let token: string | null = null;
const api = createWaybillClient({ baseUrl: location.origin, token: () => token ?? '' });

const [mostOpen, kept, tick] = [40, 200, 250];
let inFlight = 0;
let due = 0;
let skus: readonly string[] = [];
let isPreparing = false;

/** Signs the customer in, and finds what there is to buy; without either the load ends. */
async function prepare(): Promise<void> {
  const query = { limit: 200 };
  const [session, products] = await Promise.all([
    outcomeOf(anybody.POST('/api/v1/auth/token', { body: customer })),
    outcomeOf(anybody.GET('/api/v1/products', { params: { query } })),
  ]);
  token = session.data?.accessToken ?? null;
  skus = (products.data?.items ?? [])
    .filter(({ available }) => available > 100)
    .map(({ sku }) => sku);
  trouble.value = session.trouble ?? products.trouble;
  if (trouble.value) rate.value = 0;
}

async function place(): Promise<void> {
  const sku = skus[Math.floor(Math.random() * skus.length)];
  if (sku === undefined) return;
  inFlight += 1;
  const began = performance.now();
  try {
    const { data, response } = await api.POST('/api/v1/orders', {
      params: { header: { 'Idempotency-Key': randomId() } },
      body: sampleOrder(sku),
    });
    if (data) {
      accepted.value += 1;
      waits.value = [...waits.value, performance.now() - began].slice(-kept);
    } else if (response.status === 429 || response.status === 503) refused.value += 1;
    else failed.value += 1;
  } catch {
    failed.value += 1;
  }
  inFlight -= 1;
}

/** Places what is due since the last call; a page in the background is called late, and makes nothing up. */
function placeDue(): void {
  due = Math.min(due + (rate.value * tick) / 1_000, rate.value);
  while (due >= 1) {
    due -= 1;
    if (inFlight < mostOpen) void place();
    else leftOut.value += 1;
  }
}

async function run(): Promise<void> {
  if (isPreparing) return;
  if (token && !isExpired(token)) {
    placeDue();
    return;
  }
  isPreparing = true;
  await prepare();
  isPreparing = false;
}

effect(() => {
  if (!user.value || rate.value === 0) return;
  const timer = setInterval(() => void run(), tick);
  return () => clearInterval(timer);
});
