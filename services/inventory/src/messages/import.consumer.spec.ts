import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import type { StockImport } from '../domain/stock-import.ts';
import { stockImports } from '../storage/import.entities.ts';
import { movements, restocks, stock } from '../storage/inventory.entities.ts';
import { InventoryBench } from '../testing/inventory.bench.ts';
import { TakeDeliveriesIn } from './import.local.ts';

let bench: InventoryBench;
const importId = newId();
const file: StockImport = {
  id: importId,
  digest: 'x',
  size: 900,
  columns: ['reference', 'sku', 'warehouse', 'quantity'],
  position: 40,
  line: 1,
  received: 0,
  alreadyReceived: 0,
  refused: 0,
  requestedBy: 'ops',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
};
const [one, two] = [newId(), newId()];
const mug = { reference: 'R', requestId: one, sku: 'MUG', warehouse: 'MAIN', quantity: 5 };
const part = (position: number, lines: readonly object[]) =>
  TakeDeliveriesIn({
    importId,
    position,
    end: position + 100,
    line: position,
    lines: lines.map((each, i) => ({ line: i + 2, ...each })) as never,
  });

beforeEach(async () => {
  bench = await new InventoryBench().start();
  await bench.seed('MUG', 1);
  bench.store.states.set(`stock_imports/${importId}`, { value: file, version: 1 });
});

const reported = () =>
  bench.store.entries
    .filter(({ table }) => table.table === 'stock_import_pages')
    .map(({ row }) => (row as { report: string }).report);

describe('a part of a file of deliveries', () => {
  it('is received line by line, in one commit with the position after it', async () => {
    const other = { ...mug, requestId: two, warehouse: 'NORTH', quantity: 7 };
    await bench.submitted(part(40, [mug, other]));

    expect(bench.state(stock, 'MUG')).toMatchObject({ received: 13, available: 13 });
    expect(bench.state(restocks, one)).toMatchObject({ quantity: 5, available: 6 });
    expect(bench.state(stockImports, importId)).toMatchObject({ position: 140, received: 2 });
    expect(bench.published()).toEqual([
      {
        type: 'inventory.product-restocked',
        data: { requestId: two, sku: 'MUG', quantity: 12, available: 13 },
      },
    ]);
    expect(reported()).toEqual(['2,received,R,,\r\n3,received,R,,\r\n']);
  });

  it('that is sent again, also by another replica, has no effect', async () => {
    await bench.submitted(part(40, [mug]));
    await bench.submitted(part(40, [{ ...mug, requestId: two }]));

    expect(bench.state(stock, 'MUG')?.received).toBe(6);
    expect(reported()).toHaveLength(1);
  });

  it('counts no delivery twice: of the same part, or of an earlier file', async () => {
    await bench.submitted(part(40, [mug, mug]));
    bench.published();
    await bench.submitted(part(140, [mug]));

    expect(bench.state(stock, 'MUG')?.received).toBe(6);
    expect(bench.state(stockImports, importId)).toMatchObject({ received: 1, alreadyReceived: 2 });
    expect(bench.published()).toEqual([]);
    expect(bench.store.entries.filter(({ table }) => table.table === movements.table)).toHaveLength(
      2,
    );
  });

  it('is received without the lines that are refused, and reports each with field and rule', async () => {
    const lines = [
      { ...mug, sku: 'CUP' },
      { reference: '=1+1', field: 'sku', rule: 'is wrong' },
      mug,
      { ...mug, quantity: 6 },
    ];
    await bench.submitted(part(40, lines));

    expect(bench.state(stock, 'MUG')?.received).toBe(6);
    expect(reported()[0]?.split('\r\n')).toEqual([
      '2,refused,R,sku,is not a product of the catalogue',
      "3,refused,'=1+1,sku,is wrong",
      '4,received,R,,',
      `5,refused,R,quantity,restock ${one} was for 5 units of MUG at MAIN`,
      '',
    ]);
  });

  it('ends the import with the end of the file', async () => {
    await bench.submitted(
      TakeDeliveriesIn({ ...(part(40, []).data as object), end: 900 } as never),
    );
    expect(bench.state(stockImports, importId)?.finishedAt).not.toBeNull();
  });
});
