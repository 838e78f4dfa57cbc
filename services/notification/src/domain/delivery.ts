import type { Digest, Encrypted } from '@waybill/contracts';
import type { News, Template } from './email.ts';

/**
 * `queued`: it will be sent. `collected`: it will be part of a digest. `sent`: a mail server has accepted it. `bounced`: it was refused for
 * good. `dead`: no attempt was left. `suppressed`: the customer does not want it, or is erased. `logged`: recorded without a mail server.
 */
export const deliveryStatuses = [
  'queued',
  'collected',
  'sent',
  'bounced',
  'dead',
  'suppressed',
  'logged',
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One notification of one customer and its e-mail; at most one per order and template, or return. */
export interface Delivery {
  /** `<order>/<template>`, and the return if it is about one. */
  readonly id: string;
  /** Null if it is not about an order. */
  readonly orderId: string | null;
  /** Null for deliveries of earlier releases. */
  readonly customerId: string | null;
  readonly template: Template;
  /** Encrypted, like the name in `news`. */
  readonly recipient: Encrypted<string>;
  readonly locale: string;
  readonly status: DeliveryStatus;
  /** The data from which its text is rendered on every read. */
  readonly news: News;
  readonly at: string;
  readonly sentAt: string | null;
  readonly readAt: string | null;
  /** Why it was not sent, without personal data. */
  readonly error: string | null;
  /** The digest that it is part of, once that is put together. */
  readonly digestId: string | null;
  /** How often an operator has sent it again. */
  readonly resends: number;
}

/** A customer's e-mail preferences; without a row: every e-mail, at once, in English. */
export interface Preferences {
  readonly customerId: string;
  readonly email: boolean;
  /** E-mails the customer has turned off. */
  readonly mutedTemplates: readonly Template[];
  readonly locale: string;
  readonly digest: Digest;
}

/** What a delivery is about. */
export interface Subject extends Pick<Delivery, 'id' | 'orderId' | 'template'> {
  readonly news: News;
}

export interface Recipient {
  readonly id: string;
  readonly email: Encrypted<string>;
}

export const deliveryId = (orderId: string, template: Template, returnId?: string): string =>
  [orderId.toLowerCase(), template, ...(returnId ? [returnId] : [])].join('/');

/** The id of a delivery as it is shown, which fits into an address, and back. */
export const shownId = (id: string): string => id.replaceAll('/', '.');
export const storedId = (shown: string): string => shown.replaceAll('.', '/');

export const defaultPreferences = (customerId: string): Preferences => ({
  customerId,
  email: true,
  mutedTemplates: [],
  locale: 'en',
  digest: 'none',
});

/** Whether a customer wants the e-mails of a template. */
export const wants = (
  { email, mutedTemplates }: Pick<Preferences, 'email' | 'mutedTemplates'>,
  template: Template,
): boolean => email && !mutedTemplates.includes(template);

/** The new delivery of a template. */
export function deliver(
  about: Subject,
  to: Recipient,
  context: {
    readonly preferences: Preferences | undefined;
    readonly now: Date;
    /** Whether there is a mail server. */
    readonly sends: boolean;
  },
): Delivery {
  const preferences = context.preferences ?? defaultPreferences(to.id);
  const { id, orderId, template, news } = about;
  return {
    id,
    orderId,
    customerId: to.id,
    template,
    recipient: to.email,
    locale: preferences.locale,
    status:
      wants(preferences, template) && to.email !== ''
        ? statusOf(template, preferences, context.sends)
        : 'suppressed',
    news,
    at: context.now.toISOString(),
    sentAt: null,
    readAt: null,
    error: null,
    digestId: null,
    resends: 0,
  };
}

/** What is sent at a time of its own is not part of a digest. */
function statusOf(template: Template, { digest }: Preferences, sends: boolean): DeliveryStatus {
  if (!sends) return 'logged';
  return digest === 'none' || !template.startsWith('order-') ? 'queued' : 'collected';
}
