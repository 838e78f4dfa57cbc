import { describe, expect, it } from '@jest/globals';
import { type OrderNews, renderEmail, templates } from './email.ts';

const news: OrderNews = {
  number: 'W-1001',
  customerName: 'Ada',
  lines: [{ sku: 'MUG', quantity: 2 }],
  total: { amount: 123_450, currency: 'EUR' },
  reason: null,
};

describe('an e-mail about an order', () => {
  it('tells number, lines and total, as text and as HTML', () => {
    const email = renderEmail('order-confirmed', news);

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
    const { text } = renderEmail('order-rejected', { ...news, reason: 'payment_declined' });

    expect(text).toContain('could not be completed, because the payment was declined.');
  });

  it.each(templates)('%s escapes everything that others wrote', (template) => {
    const attack = '<script>alert("x")</script>&\'';
    const { html } = renderEmail(template, {
      number: attack,
      customerName: attack,
      lines: [{ sku: attack, quantity: 1 }],
      total: news.total,
      reason: attack,
    });

    expect(html).not.toContain('<script>');
    expect(html).not.toContain("&'");
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;');
  });

  it('lets nobody add a header or a line by a line break', () => {
    const email = renderEmail('order-confirmed', {
      ...news,
      number: 'W-1\r\nBcc: all@example.com',
      customerName: 'Ada\nEve',
    });

    expect(email.subject).not.toMatch(/[\r\n]/);
    expect(email.text).toContain('Hello Ada Eve,');
  });

  it('greets a customer without a name', () => {
    expect(renderEmail('order-shipped', { ...news, customerName: '' }).text).toMatch(/^Hello,\n/);
  });

  it('knows currencies without cents', () => {
    const { text } = renderEmail('order-delivered', {
      ...news,
      total: { amount: 1_500, currency: 'JPY' },
    });
    expect(text).toContain('Total: ¥1,500');
  });
});
