import { expect, it } from '@jest/globals';
import { csvLine } from '@waybill/http';
import { parse } from 'csv-parse/sync';

const hostile = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '＝1+1',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  'a;=1+1;b',
  'a;"=1+1',
  'a;""=1+1"";b',
  'a\t=1+1',
  'a\n=1+1',
  'a\r\n"=1+1"',
  'a;\t=1+1',
  'a,=1+1',
  'a",=1+1',
  '";=1+1',
];

const cellsOf = (text: string, delimiter: string): string[] =>
  parse(text, {
    delimiter,
    relax_quotes: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
  }).flat();

it.each(hostile)('runs no formula in %j, whichever separator the spreadsheet has', (text) => {
  const line = csvLine(['first', text, 'last']);
  for (const delimiter of [',', ';', '\t'])
    for (const cell of cellsOf(line, delimiter)) expect(cell).not.toMatch(/^[\t\r\n]*"*[=+\-@＝]/);
});

it.each([
  'plain',
  'a - b; c = d',
  '2026-11-30',
  'x@example.com',
  '"quoted", and\nbroken; twice',
  'A+B',
])('leaves %j as it is', (text) => {
  expect(cellsOf(csvLine([text, null, -5]), ',')).toEqual([text, '', '-5']);
});
