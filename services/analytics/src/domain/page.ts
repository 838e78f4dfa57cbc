import type { ActivityProcessed, ActivityRecorded, DataOf } from '@waybill/contracts';
import { maxAmount, sku } from '@waybill/contracts';

type Activity = Pick<DataOf<typeof ActivityRecorded>, 'type' | 'properties'>;
type Processed = DataOf<typeof ActivityProcessed>;
type Page = NonNullable<Processed['page']>;

const longestPath = 200;

/** The first word of a path, and the part of the shop that it leads to. */
const categories: ReadonlyMap<string, Page['category']> = new Map([
  ['', 'home'],
  ['home', 'home'],
  ['products', 'product'],
  ['product', 'product'],
  ['search', 'search'],
  ['cart', 'cart'],
  ['checkout', 'checkout'],
  ['account', 'account'],
  ['login', 'account'],
  ['signup', 'account'],
  ['orders', 'account'],
]);

/** The page that a visitor looked at: as it was reported, without query and fragment, or that of the viewed product. */
export function pageOf({ type, properties }: Activity): Page | null {
  if (type !== 'page_view' && type !== 'view_product') return null;
  const reported = [properties['page'], properties['path']].find(
    (each) => typeof each === 'string' && each !== '',
  );
  const product = skuOf({ properties });
  const path = reported ? pathOf(String(reported)) : product && `/products/${product}`;
  if (!path) return null;
  return { path, category: categories.get(path.split('/', 2)[1] ?? '') ?? 'other' };
}

/** The product that an activity is about. */
export function skuOf({
  properties: { sku: reported },
}: Pick<Activity, 'properties'>): string | null {
  // Most activities have none, and an error costs more than what it tells.
  if (typeof reported !== 'string') return null;
  const found = sku.safeParse(reported);
  return found.success ? found.data : null;
}

function pathOf(reported: string): string {
  const path = reported.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? '';
  const whole = path.startsWith('/') ? path : `/${path}`;
  return whole
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, longestPath)
    .toWellFormed();
}

const mostAmount = 1_000_000_000;

/** What a purchase was reported to be worth, in minor units of `currency`; null for anything else. */
export function amountOf({ type, properties }: Activity, shopCurrency: string): number | null {
  const { amount, currency = shopCurrency } = properties;
  const isAmount = Number.isSafeInteger(amount) && Number(amount) >= 0;
  if (type !== 'purchase' || !isAmount || currency !== shopCurrency) return null;
  return Number(amount) <= mostAmount ? Number(amount) : null;
}

/** The sum of reported amounts, at most that of any money: a visitor may report what they like. */
export const addSpend = (one: number, other: number): number => Math.min(one + other, maxAmount);
