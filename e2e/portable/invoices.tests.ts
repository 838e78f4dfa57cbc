import { expect, it } from '@jest/globals';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

/** Invoices of confirmed orders, and credit notes of refunds. */
export function invoiceTests(target: () => Target): void {
  it('is there as PDF as soon as the order is confirmed, and shows on it; a refund has a credit note', async () => {
    const ada = await target().as('ada');
    const { id, total, invoices } = await ada.buy();
    expect(invoices).toHaveLength(1);
    const invoice = await ada.get(`/api/v1/orders/${id}/invoice.pdf`);
    expect([invoice.status, invoice.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(invoice.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    const [shown] = (await ada.order(id)).invoices;
    expect(shown).toMatchObject({
      number: expect.stringMatching(/^\d{4}-\d{6,}$/),
      kind: 'invoice',
      total,
      url: `/api/v1/orders/${id}/invoice.pdf`,
    });
    await ada.cancel(id);
    const note = await eventually('its credit note is there', async () => {
      return (await ada.order(id)).invoices.find(({ kind }) => kind === 'credit_note');
    });
    expect(note).toMatchObject({ number: expect.stringMatching(/^C\d{4}-\d{6,}$/), total });
    const creditNote = await ada.get(note.url);
    expect([creditNote.status, creditNote.headers.get('content-type')]).toEqual([
      200,
      'application/pdf',
    ]);
  });

  it('is not there for an order that came to nothing', async () => {
    const ada = await target().as('ada');
    const { id } = await ada.buy({ payment: { method: 'card', token: 'tok_declined' } });
    const none = await ada.get<ProblemView>(`/api/v1/orders/${id}/invoice.pdf`);
    expect([none.status, none.body.code]).toEqual([404, 'no_invoice']);
  });
}
