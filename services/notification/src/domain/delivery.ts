import type { Encrypted } from '@waybill/contracts';
import type { OrderNews, Template } from './email.ts';

/** `logged`: recorded instead of being sent. `suppressed`: the customer has turned it off. */
export type DeliveryStatus = 'logged' | 'suppressed';

/** One e-mail to one customer about one order; at most one per template and return. */
export interface Delivery {
  /** `<order>/<template>`, and the return if it is about one. */
  readonly id: string;
  readonly orderId: string;
  readonly template: Template;
  /** Encrypted, like the name in `news`. */
  readonly recipient: Encrypted<string>;
  readonly status: DeliveryStatus;
  /** The data from which its text is rendered on every read. */
  readonly news: OrderNews;
  readonly at: string;
}

/** A customer's e-mail preferences; without a row: every e-mail. */
export interface Preferences {
  readonly customerId: string;
  readonly email: boolean;
  /** E-mails the customer has turned off. */
  readonly mutedTemplates: readonly Template[];
}

export const deliveryId = (orderId: string, template: Template, returnId?: string): string =>
  [orderId.toLowerCase(), template, ...(returnId ? [returnId] : [])].join('/');

export const defaultPreferences = (customerId: string): Preferences => ({
  customerId,
  email: true,
  mutedTemplates: [],
});

export interface Recipient {
  readonly id: string;
  readonly email: Encrypted<string>;
}

/** The delivery of a template, or nothing if it already exists. */
export function deliver(
  found: Delivery | undefined,
  about: {
    readonly orderId: string;
    readonly template: Template;
    readonly returnId?: string | undefined;
    readonly news: OrderNews;
  },
  to: Recipient,
  context: { readonly preferences: Preferences | undefined; readonly now: Date },
): Delivery | undefined {
  if (found) return undefined;
  const preferences = context.preferences ?? defaultPreferences(to.id);
  const wanted = preferences.email && !preferences.mutedTemplates.includes(about.template);
  const { orderId, template, returnId, news } = about;
  return {
    id: deliveryId(orderId, template, returnId),
    orderId,
    template,
    recipient: to.email,
    status: wanted && to.email !== '' ? 'logged' : 'suppressed',
    news,
    at: context.now.toISOString(),
  };
}
