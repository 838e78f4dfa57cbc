import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Label } from './label.ts';
import { renderLabel } from './render-label.ts';

const label: Label = {
  carrier: 'heron',
  method: 'express',
  trackingNumber: 'HP473124829DE',
  weightGrams: 1_240,
  reference: '0195a000-0000-7000-8000-000000000001',
  shippedOn: '2026-03-01',
  from: ['Waybill Fulfilment', 'Hafenstrasse 12', '20457 Hamburg', 'DE'],
  to: ['Ada Lovelace', '1 Main St', '3rd floor', '10115 Berlin'],
  country: 'DE',
};

/** The text that a reader of the PDF would see. */
function textOf(pdf: Buffer): string {
  const pieces: string[] = [];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 7)) {
    const end = pdf.indexOf('endstream', at);
    try {
      pieces.push(inflateSync(pdf.subarray(at + 7, end)).toString('latin1'));
    } catch {}
  }
  const shown = pieces.join('').match(/\[(.*?)\] TJ/g) ?? [];
  return shown
    .map((operation) =>
      [...operation.matchAll(/<([0-9a-f]+)>/g)]
        .map(([, hex]) => Buffer.from(hex ?? '', 'hex').toString('latin1'))
        .join(''),
    )
    .join('\n');
}

describe('a label', () => {
  it('is one page of PDF that shows carrier, receiver, number, weight and reference', async () => {
    const pdf = await renderLabel(label);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
    const text = textOf(pdf);
    for (const shown of ['HERON', 'EXPRESS', '3rd floor', '10115 Berlin', 'HP 4731 2482 9 DE']) {
      expect(text).toContain(shown);
    }
    expect(text).toContain('1.24 kg');
    expect(text).toContain(label.reference);
  });

  it('shows names that its fonts cannot write without their accents, and long ones in full', async () => {
    const long = 'Anneliese-Katharina von und zu Hohenstein-Wittelsbach-Sonnenberg';
    const pdf = await renderLabel({ ...label, to: ['Łukasz Čapek 王', 'Größe 5', long] });
    const text = textOf(pdf);
    expect(text).toContain('?ukasz Capek ?');
    expect(text).toContain('Größe 5');
    expect(text).toContain(long);
  });
});
