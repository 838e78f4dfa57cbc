import {
  type EmailTemplate,
  type Encrypted,
  emailTemplate,
  type Line,
  type Money,
} from '@waybill/contracts';
import { type Html, html } from './html.ts';
import { german } from './wording.de.ts';
import { english } from './wording.en.ts';
import { type Language, moneyText, type Told } from './wording.ts';

/** The data in an e-mail. One that is not about an order has neither number nor lines. */
export interface News {
  readonly number: string;
  readonly customerName: Encrypted<string>;
  readonly lines: readonly Line[];
  readonly total: Money | null;
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

/** The templates of all e-mails. */
export type Template = EmailTemplate;
export const templates: readonly Template[] = emailTemplate.options;

const languages: Readonly<Record<string, Language>> = { en: english, de: german };

const languageOf = (locale: string): Language => languages[locale.split('-')[0] ?? ''] ?? english;

/** The locale of an e-mail to a reader: English, if nobody has translated the texts into the reader's language. */
const shownIn = (locale: string): string => (languageOf(locale) === english ? 'en' : locale);

/** The parts of an e-mail, before they are text or HTML. */
interface Content {
  readonly locale: string;
  readonly subject: string;
  readonly greeting: string;
  readonly sections: readonly Section[];
}

interface Section {
  readonly opening: string;
  readonly lines: readonly Line[];
  readonly total: { readonly label: string; readonly line: string; readonly amount: string } | null;
}

/** Renders the e-mail of a template in the language of its reader, as text and as HTML. */
export function renderEmail(template: Template, news: News, reads: string): Email {
  const locale = shownIn(reads);
  const greeting = languageOf(locale).greeting(oneLine(news.customerName));
  const subject = titleOf(template, news, locale);
  return rendered({ locale, subject, greeting, sections: [sectionOf(template, news, locale)] });
}

/** What a notification is called in a list: the subject of its e-mail, which has no personal data. */
export const titleOf = (template: Template, news: News, locale: string): string =>
  oneLine(languageOf(locale).wordings[template].subject(toldBy(news, locale)));

/** Renders one e-mail about several: those with one template follow each other. */
export function renderDigest(
  items: readonly { readonly template: Template; readonly news: News }[],
  customerName: string,
  reads: string,
): Email {
  const locale = shownIn(reads);
  const { digest, greeting } = languageOf(locale);
  const grouped = templates.flatMap((template) =>
    items.filter((item) => item.template === template),
  );
  return rendered({
    locale,
    subject: digest.subject(items.length),
    greeting: greeting(oneLine(customerName)),
    sections: [
      { opening: digest.opening, lines: [], total: null },
      ...grouped.map(({ template, news }) => sectionOf(template, news, locale)),
    ],
  });
}

function sectionOf(template: Template, news: News, locale: string): Section {
  const language = languageOf(locale);
  const amount = news.total ? moneyText(news.total, locale) : null;
  return {
    opening: language.wordings[template].opening(toldBy(news, locale)),
    lines: news.lines,
    total:
      amount === null ? null : { label: language.totalLabel, line: language.total(amount), amount },
  };
}

const toldBy = ({ number, reason, refunded }: News, locale: string): Told => ({
  number,
  reason,
  refunded: refunded ? moneyText(refunded, locale) : null,
});

const rendered = (content: Content): Email => ({
  subject: content.subject,
  text: textOf(content),
  html: pageOf(content).text,
});

const textOf = ({ greeting, sections }: Content): string =>
  [
    greeting,
    '',
    ...sections.flatMap(({ opening, lines, total }) => [
      opening,
      '',
      ...lines.map(({ sku, quantity }) => `  ${quantity} × ${sku}`),
      ...(total ? [`  ${total.line}`, ''] : []),
    ]),
    'Waybill',
  ].join('\n');

const pageOf = ({ locale, subject, greeting, sections }: Content): Html => html`<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><title>${subject}</title></head>
<body>
<p>${greeting}</p>
${sections.map(sectionHtml)}<p>Waybill</p>
</body>
</html>
`;

const sectionHtml = ({ opening, lines, total }: Section): Html => html`<p>${opening}</p>
${
  total
    ? [
        html`<table>
${lines.map(({ sku, quantity }) => html`<tr><td>${quantity} ×</td><td>${sku}</td></tr>\n`)}<tr><td>${total.label}</td><td>${total.amount}</td></tr>
</table>
`,
      ]
    : []
}`;

/** A line break in a header would start another header. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
