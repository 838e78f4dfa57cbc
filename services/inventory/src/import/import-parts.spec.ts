import { describe, expect, it } from '@jest/globals';
import {
  type Delivery,
  deliveryColumns,
  type RefusedLine,
  readHeader,
} from '../domain/delivery-line.ts';
import { type ImportPart, importParts } from './import-parts.ts';

type Line = Delivery | RefusedLine;

/** The parts of a file that arrives in pieces of a few bytes. */
async function partsOf(file: string | Buffer, pieceSize = 7, from = { position: 0, line: 1 }) {
  const bytes = Buffer.from(file).subarray(from.position);
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
  }
  const parts: ImportPart[] = [];
  for await (const part of importParts(pieces(), from, deliveryColumns)) parts.push(part);
  return parts;
}
const linesOf = async (file: string | Buffer, pieceSize?: number): Promise<Line[]> =>
  (await partsOf(file, pieceSize)).flatMap(({ lines }) => lines);

const delivery = { reference: 'R-1', sku: 'MUG', warehouse: 'MAIN', quantity: 5 };

describe('the lines of a file of deliveries', () => {
  it.each([
    ['line feeds', 'R-1,MUG,MAIN,5\nR-1,MUG,MAIN,5\n'],
    ['carriage returns', 'R-1,MUG,MAIN,5\r\nR-1,MUG,MAIN,5\r\n'],
    ['no line break at its end', 'R-1,MUG,MAIN,5\nR-1,MUG,MAIN,5'],
    ['quotes', '"R-1",MUG,"MAIN",5\nR-1,"MUG",MAIN,"5"\n'],
  ])('are read with %s, however the file is cut into pieces', async (_, file) => {
    for (const pieceSize of [1, 3, 1_000]) {
      expect(await linesOf(file, pieceSize)).toEqual([
        { line: 2, ...delivery },
        { line: 3, ...delivery },
      ]);
    }
  });

  it('may hold commas, quotes and any letters in their reference', async () => {
    expect(await linesOf('"a, ""b"" Ł",MUG,MAIN,1\n')).toMatchObject([{ reference: 'a, "b" Ł' }]);
  });

  it.each([
    [',MUG,MAIN,1', 'reference', 'is 1 to 100 characters without control characters'],
    ['R\u0000,MUG,MAIN,1', 'reference', 'is 1 to 100 characters without control characters'],
    ['R,mug,MAIN,1', 'sku', 'is 1 to 40 capital letters, digits and hyphens'],
    ['R,MUG,main,1', 'warehouse', 'is 1 to 20 capital letters, digits and hyphens'],
    ['R,MUG,MAIN,0', 'quantity', 'is a whole number of 1 to 1000000'],
    ['R,MUG,MAIN,1000001', 'quantity', 'is a whole number of 1 to 1000000'],
    ['R,MUG,MAIN,1.5', 'quantity', 'is a whole number of 1 to 1000000'],
    ['R,MUG,MAIN,-1', 'quantity', 'is a whole number of 1 to 1000000'],
    ['R,MUG,MAIN,1e3', 'quantity', 'is a whole number of 1 to 1000000'],
    ['R,MUG,MAIN', null, 'the line has 3 columns, and the header 4'],
    ['R,MUG,MAIN,1,', null, 'the line has 5 columns, and the header 4'],
    [
      '"R,MUG,MAIN,1',
      null,
      'the line has quotes that RFC 4180 does not allow, or that end in another line',
    ],
    [Buffer.from([0xff, 0x2c]), null, 'the line is not UTF-8'],
    ['x'.repeat(4_097), null, 'the line is longer than 4096 bytes'],
    ['x'.repeat(100_000), null, 'the line is longer than 4096 bytes'],
  ])('are refused one by one, by field and rule: %#', async (bad, field, rule) => {
    const file = Buffer.concat([Buffer.from(bad), Buffer.from('\nR-1,MUG,MAIN,5\n')]);
    const [refused, next] = await linesOf(file, 1_000);
    expect(refused).toMatchObject({ line: 2, field, rule });
    expect(next).toEqual({ line: 3, ...delivery });
  });

  it('come in parts of a few hundred, and go on at the end of any part', async () => {
    const file = Array.from({ length: 1_200 }, (_, i) => `R-${i},MUG,MAIN,1\r\n`).join('\n');
    const parts = await partsOf(file, 10_000);
    const [first, ...others] = parts;
    expect(parts.map(({ lines }) => lines.length)).toEqual([250, 250, 250, 250, 200]);
    const from = { position: first?.end ?? 0, line: first?.line ?? 0 };
    expect(await partsOf(file, 10_000, from)).toEqual(others);
    expect(parts.at(-1)?.end).toBe(file.length);
  });
});

describe('the header', () => {
  it('names each column once, in any order', () => {
    const shuffled = ['quantity', 'warehouse', 'reference', 'sku'];
    expect(readHeader(shuffled)).toEqual(shuffled);
    expect(readHeader(['sku', 'warehouse'])).toEqual({
      rule: 'lacks the column reference, quantity',
    });
    for (const more of ['sku', 'price']) {
      expect(readHeader([...shuffled, more])).toMatchObject({
        rule: 'has columns besides reference, sku, warehouse, quantity',
      });
    }
  });
});
