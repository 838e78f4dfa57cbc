import {
  type EmailTemplate,
  type Encrypted,
  emailTemplate,
  type Line,
  type Money,
} from '@waybill/contracts';
import { type Html, html } from './html.ts';

/** The order data in an e-mail. */
export interface OrderNews {
  readonly number: string;
  readonly customerName: Encrypted<string>;
  readonly lines: readonly Line[];
  readonly total: Money;
  readonly reason: string | null;
  /** Of a return, once it is refunded. */
  readonly refunded?: Money | undefined;
}

/** An e-mail, ready to be sent. */
export interface Email {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface Wording {
  readonly subject: (news: OrderNews) => string;
  readonly opening: (news: OrderNews) => string;
}

const reasons: Readonly<Record<string, string>> = {
  out_of_stock: 'something you ordered is out of stock',
  payment_declined: 'the payment was declined',
  payment_unavailable: 'the payment could not be made in time',
  shipping_unavailable: 'no carrier could take it in time',
  shipping_declined: 'no carrier takes such a parcel',
  timed_out: 'it could not be completed in time',
};

const because = ({ reason }: OrderNews): string =>
  reason === null ? '' : `, because ${reasons[reason] ?? reason}`;

const wordings = {
  'order-confirmed': {
    subject: ({ number }) => `Your order ${number} is confirmed`,
    opening: ({ number }) => `Thank you. Your order ${number} is paid and will be shipped soon.`,
  },
  'order-rejected': {
    subject: ({ number }) => `Your order ${number} could not be completed`,
    opening: (news) =>
      `We are sorry: your order ${news.number} could not be completed${because(news)}. You have not been charged.`,
  },
  'order-cancelled': {
    subject: ({ number }) => `Your order ${number} is cancelled`,
    opening: ({ number }) =>
      `Your order ${number} is cancelled. What was reserved or paid for it is given back.`,
  },
  'order-shipped': {
    subject: ({ number }) => `Your order ${number} is on its way`,
    opening: ({ number }) => `Your order ${number} has left our warehouse.`,
  },
  'order-delivered': {
    subject: ({ number }) => `Your order ${number} has arrived`,
    opening: ({ number }) => `Your order ${number} was delivered. We hope you like it.`,
  },
  'order-returning': {
    subject: ({ number }) => `Your return of order ${number} is authorized`,
    opening: ({ number }) =>
      `You can send this back to us from your order ${number}. It is refunded when we have received it.`,
  },
  'order-refunded': {
    subject: ({ number }) => `Your return of order ${number} is refunded`,
    opening: ({ number, refunded }) =>
      `We have received this from your order ${number}${refunded ? ` and refunded ${money(refunded)}` : ''}.`,
  },
} as const satisfies Record<EmailTemplate, Wording>;

/** The templates of all e-mails. */
export type Template = EmailTemplate;
export const templates: readonly Template[] = emailTemplate.options;

/** Renders the e-mail of a template, as text and as HTML. */
export function renderEmail(template: Template, news: OrderNews): Email {
  const { subject, opening } = wordings[template];
  const greeting = news.customerName === '' ? 'Hello,' : `Hello ${oneLine(news.customerName)},`;
  return {
    subject: oneLine(subject(news)),
    text: [
      greeting,
      '',
      opening(news),
      '',
      ...news.lines.map(({ sku, quantity }) => `  ${quantity} × ${sku}`),
      `  Total: ${money(news.total)}`,
      '',
      'Waybill',
    ].join('\n'),
    html: page(subject(news), greeting, opening(news), news).text,
  };
}

const page = (
  subject: string,
  greeting: string,
  opening: string,
  news: OrderNews,
): Html => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${subject}</title></head>
<body>
<p>${greeting}</p>
<p>${opening}</p>
<table>
${news.lines.map(({ sku, quantity }) => html`<tr><td>${quantity} ×</td><td>${sku}</td></tr>\n`)}<tr><td>Total</td><td>${money(news.total)}</td></tr>
</table>
<p>Waybill</p>
</body>
</html>
`;

/** A line break in a header would start another header. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');

/** Some currencies have no minor unit, or one of three digits. */
function money({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
