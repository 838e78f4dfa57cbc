import { describe, expect, it } from '@jest/globals';
import { type News, renderDigest, renderEmail, templates } from './email.ts';

const news: News = {
  number: 'W-1001',
  customerName: 'Ada',
  lines: [{ sku: 'MUG', quantity: 2 }],
  total: { amount: 123_450, currency: 'EUR' },
  reason: null,
};

describe('an e-mail about an order', () => {
  it('tells number, lines and total, as text and as HTML', () => {
    const email = renderEmail('order-confirmed', news, 'en');

    expect(email.subject).toBe('Your order W-1001 is confirmed');
    expect(email.text).toBe(
      [
        'Hello Ada,',
        '',
        'Thank you. Your order W-1001 is paid and will be shipped soon.',
        '',
        '  2 × MUG',
        '  Total: €1,234.50',
        '',
        'Waybill',
      ].join('\n'),
    );
    expect(email.html).toContain('<tr><td>2 ×</td><td>MUG</td></tr>');
    expect(email.html).toContain('<td>€1,234.50</td>');
  });

  it('says in words why an order was rejected', () => {
    const { text } = renderEmail('order-rejected', { ...news, reason: 'payment_declined' }, 'en');

    expect(text).toContain('could not be completed, because the payment was declined.');
  });

  it.each(templates)('%s escapes everything that others wrote', (template) => {
    const attack = '<script>alert("x")</script>&\'';
    const attacked = {
      number: attack,
      customerName: attack,
      lines: [{ sku: attack, quantity: 1 }],
      total: news.total,
      reason: attack,
    };
    const { html } = renderEmail(template, attacked, 'en');

    expect(html).not.toContain('<script>');
    expect(html).not.toContain("&'");
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;');
  });

  it('lets nobody add a header or a line by a line break', () => {
    const attacked = { ...news, number: 'W-1\r\nBcc: all@example.com', customerName: 'Ada\nEve' };
    const email = renderEmail('order-confirmed', attacked, 'en');

    expect(email.subject).not.toMatch(/[\r\n]/);
    expect(email.text).toContain('Hello Ada Eve,');
  });

  it('greets a customer without a name', () => {
    expect(renderEmail('order-shipped', { ...news, customerName: '' }, 'en').text).toMatch(
      /^Hello,\n/,
    );
  });

  it('knows currencies without cents', () => {
    const yen = { ...news, total: { amount: 1_500, currency: 'JPY' } };
    const { text } = renderEmail('order-delivered', yen, 'en');
    expect(text).toContain('Total: ¥1,500');
  });

  it('is German for who reads German, and English for who reads what nobody has translated', () => {
    const { subject, text, html } = renderEmail('order-confirmed', news, 'de-AT');
    expect(subject).toBe('Ihre Bestellung W-1001 ist bestätigt');
    expect(text).toMatch(/^Guten Tag Ada,\n/);
    expect(text).toMatch(/Gesamt: €\s1\.234,50/u);
    expect(html).toContain('<html lang="de-AT">');
    expect(renderEmail('order-confirmed', news, 'sv')).toEqual(
      renderEmail('order-confirmed', news, 'en'),
    );
  });

  it('welcomes a customer without a word of an order', () => {
    const welcome = { ...news, number: '', lines: [], total: null };
    const { subject, text, html } = renderEmail('welcome', welcome, 'de');
    expect(subject).toBe('Willkommen bei Waybill');
    expect(text).not.toContain('Gesamt');
    expect(html).not.toContain('<table>');
  });
});

it('a digest has everything of several e-mails, those of one kind after each other', () => {
  const about = (number: string): News => ({ ...news, number });
  const items = [
    { template: 'order-shipped', news: about('W-1') },
    { template: 'order-confirmed', news: about('W-2') },
    { template: 'order-shipped', news: about('W-3') },
  ] as const;
  const { subject, text } = renderDigest(items, 'Ada', 'en');
  expect(subject).toBe('3 messages about your orders');
  expect(text.match(/W-\d/g)).toEqual(['W-2', 'W-1', 'W-3']);
  expect(text.match(/Hello/g)).toHaveLength(1);
});
