import { signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { randomId } from '../lib/random-id.ts';
import { api, type Problem, reasonOf } from '../lib/session.ts';
import { report } from './activity.ts';
import { cart } from './cart-lines.ts';

/** The test cards of the payment sandbox, and what happens with each. */
export const cards = [
  ['tok_visa', 'Visa 4242', 'is paid'],
  ['tok_mastercard', 'Mastercard 4444', 'is paid'],
  ['tok_3ds', 'Visa 3220', 'asks you to confirm the payment on a page of the bank'],
  ['tok_declined', 'Visa 0002', 'is declined'],
  ['tok_insufficient_funds', 'Visa 9995', 'is declined: too little money'],
  ['tok_expired_card', 'Visa 0069', 'is declined: expired'],
  ['tok_slow', 'Visa 0010', 'is paid after three seconds'],
  [
    'tok_timeout_then_success',
    'Visa 0011',
    'is paid once, although the bank does not answer at first',
  ],
  ['tok_unavailable', 'Visa 0012', 'cannot be reached'],
  ['tok_capture_fails', 'Visa 0013', 'is authorized, and then refused'],
] as const;

/** Why the order was not placed, and which fields are wrong. */
export const checkoutTrouble = signal<string | null>(null);
export const isPlacing = signal(false);

/** Names one attempt, so that a second click or a lost answer orders nothing twice. */
const place = 'waybill.checkout';
const attempt = (): string => {
  const kept = sessionStorage.getItem(place) ?? randomId();
  sessionStorage.setItem(place, kept);
  return kept;
};

/** Places the order of the cart; resolves with its id, or null when it was refused. */
export async function placeOrder(form: FormData): Promise<string | null> {
  isPlacing.value = true;
  const body = orderOf(form);
  const { data, error, response } = await send(body).catch(() => unreachable);
  isPlacing.value = false;
  const isUsed = error && 'code' in error && error.code === 'idempotency_key_reused';
  // The same key would only repeat what was refused, or is another order.
  if (data || isUsed || response.status === 422) sessionStorage.removeItem(place);
  if (isUsed) return placeOrder(form);
  checkoutTrouble.value = data ? null : reasonOf(error as Problem | undefined);
  if (data) {
    report('purchase', { orderId: data.id, ...data.total });
    cart.value = [];
  }
  return data?.id ?? null;
}

const send = (body: Schemas['PlaceOrder']) =>
  api.POST('/api/v1/orders', {
    params: { header: { 'Idempotency-Key': attempt() } },
    body,
  });

const unreachable = {
  data: undefined,
  error: { title: 'The shop does not answer. Try again: nothing is ordered twice.' },
  response: { status: 0 },
} as unknown as Awaited<ReturnType<typeof send>>;

function orderOf(form: FormData): Schemas['PlaceOrder'] {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  return {
    lines: cart.value.map(({ sku, quantity }) => ({ sku, quantity })),
    shippingAddress: {
      name: text('name'),
      line1: text('line1'),
      line2: text('line2') || null,
      city: text('city'),
      postalCode: text('postalCode'),
      country: text('country'),
    },
    shippingMethod: text('shippingMethod') === 'express' ? 'express' : 'standard',
    payment: { method: 'card', token: text('card') },
    note: text('note') || null,
    voucherCode: text('voucherCode') || null,
  };
}
