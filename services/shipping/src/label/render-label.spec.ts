import { describe, expect, it } from '@jest/globals';
import { textOfPdf } from '@waybill/pdf/testing';
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
const shown = async (...to: readonly string[]): Promise<string[]> => {
  const lines = textOfPdf(await renderLabel({ ...label, to })).split('\n');
  const start = lines.indexOf('TO') + 1;
  return lines.slice(start, start + to.length);
};

describe('a label', () => {
  it('is one page of PDF that shows carrier, receiver, number, weight and reference', async () => {
    const pdf = await renderLabel(label);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
    const text = textOfPdf(pdf);
    for (const each of ['HERON', 'EXPRESS', '3rd floor', '10115 Berlin', 'HP 4731 2482 9 DE']) {
      expect(text).toContain(each);
    }
    expect(text).toContain('1.24 kg');
    expect(text).toContain(label.reference);
  });

  it.each([
    ['Łukasz Żółkiewski', 'ul. Świętokrzyska 5', '00-116 Łódź'],
    ['Ştefan Țepeș', 'Strada Gării 3', '010101 București'],
    ['Ελένη Παπαδοπούλου', 'Οδός Ἀθηνᾶς 12', '105 51 Αθήνα'],
    ['Борис Ёлкин', 'бул. Витоша 15', '1000 София'],
    ['Nguyễn Thị Hạnh', 'Größe 5', 'Þórshöfn'],
  ])('shows %s as it is written', async (...to) => {
    expect(await shown(...to)).toEqual(to);
  });

  it('shows an accent that was typed by itself', async () => {
    expect(await shown('Ame\u0301lie')).toEqual(['Amélie']);
  });

  it('can be searched for letters that stood only within others before', async () => {
    await shown('Á É Í');
    expect(await shown('AEI')).toEqual(['AEI']);
  });

  it('shows long names in full', async () => {
    const long = 'Anneliese-Katharina von und zu Hohenstein-Wittelsbach-Sonnenberg';
    expect(await shown(long, 'W'.repeat(200))).toEqual([long, 'W'.repeat(200)]);
  });

  it('of an order from before such names were refused tells that something is missing', async () => {
    expect(
      await shown('Ada 王', 'علي', 'דוד', 'Ada 👋🏽', 'a\u200bb\nc\u0007', '\ud800', ' '),
    ).toEqual(['Ada ?', '???', '???', 'Ada ??', 'ab c ', '?', ' ']);
  });
});
