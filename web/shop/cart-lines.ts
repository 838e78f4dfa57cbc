import { effect, signal } from '@preact/signals';
import { report } from './activity.ts';

/** A line of the cart, with what the product was called and cost when it was added. */
export interface CartLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
}

/** The most of one product, and of different products, in an order. */
const [mostOfOne, mostLines] = [999, 100];
const place = 'waybill.cart';

export const cart = signal<readonly CartLine[]>(stored());
effect(() => localStorage.setItem(place, JSON.stringify(cart.value)));
// Another tab may change it too.
addEventListener('storage', ({ key }) => {
  if (key === place) cart.value = stored();
});

/** False if the cart has too many lines. */
export function addToCart(
  { sku, name }: Pick<CartLine, 'sku' | 'name'>,
  quantity: number,
): boolean {
  const known = cart.value.find((line) => line.sku === sku);
  if (known) setQuantity(sku, known.quantity + quantity);
  else if (cart.value.length >= mostLines) return false;
  else cart.value = [...cart.value, { sku, name, quantity }];
  report('add_to_cart', { sku, quantity });
  return true;
}

/** Removes the line if the quantity is 0. */
export function setQuantity(sku: string, quantity: number): void {
  const bounded = Math.min(mostOfOne, Math.max(0, Math.trunc(quantity) || 0));
  cart.value = cart.value
    .map((line) => (line.sku === sku ? { ...line, quantity: bounded } : line))
    .filter((line) => line.quantity > 0);
  if (bounded === 0) report('remove_from_cart', { sku });
}

function stored(): readonly CartLine[] {
  try {
    return JSON.parse(localStorage.getItem(place) ?? '[]') as CartLine[];
  } catch {
    return [];
  }
}
