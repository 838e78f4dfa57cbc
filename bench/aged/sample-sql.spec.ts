import { expect, it } from '@jest/globals';
import {
  type CatalogueColumn,
  columnsOf,
  copySample,
  takeSample,
  withIds,
  withoutCopies,
} from './sample-sql.ts';

const column = (
  name: string,
  type: string,
  uniques: readonly (readonly string[])[] = [],
  generated = false,
): CatalogueColumn => ({ table: 'parcels', name, type, generated, uniques });

const catalogue = [
  column('page', 'bigint', [['page']], true),
  column('position', 'bigint', [['position']]),
  column('order_id', 'uuid', [['order_id']]),
  column('carrier', 'text', [['carrier', 'number']]),
  column('number', 'text', [['carrier', 'number']]),
  column('reference', 'text', [['reference']]),
  column('detail', 'jsonb'),
  column('body', 'text'),
  column('weight', 'integer'),
  column('at', 'timestamp with time zone'),
  column('keys', 'integer[]'),
];

const kindsOf = (columns: readonly { name: string; kind: string }[]) =>
  Object.fromEntries(columns.map(({ name, kind }) => [name, kind]));

it('copies what is the same, and changes what no two rows may share', () => {
  const columns = withIds(columnsOf(catalogue), { reference: 1, detail: 2, body: 400 });
  expect(kindsOf(columns)).toEqual({
    position: 'place',
    order_id: 'id',
    carrier: 'numbered',
    number: 'numbered',
    reference: 'text',
    detail: 'text',
    body: 'same',
    weight: 'same',
    at: 'time',
    keys: 'hashes',
  });
});

it('does not touch a text that is unique only together with an id', () => {
  const together = [['order_id', 'kind']];
  const columns = columnsOf([
    column('order_id', 'uuid', together),
    column('kind', 'text', together),
  ]);
  expect(kindsOf(withIds(columns, {}))).toEqual({ order_id: 'id', kind: 'same' });
});

it('writes what a copy is made of', () => {
  const columns = withIds(columnsOf(catalogue), { reference: 1, detail: 2, body: 400 });
  const sql = copySample({ name: 'parcels', columns }, 256, 4_000);
  expect(sql).toContain('insert into public."parcels" ("position", "order_id",');
  expect(sql).not.toContain('"page"');
  expect(sql).toContain('t."position" - (4000 - n + 1) * 256');
  expect(sql).toContain('sample.id(t."order_id", n, stamp)');
  expect(sql).toContain(`t."number" || '-' || n`);
  expect(sql).toContain(
    'concat(t."reference"[1], sample.id(t."reference"[2]::uuid, n, stamp), t."reference"[3]) end::text',
  );
  expect(sql).toContain('end::jsonb');
  expect(sql).toContain(`t."at" - back * interval '1 ms'`);
});

it('samples what was written since a transaction and is of an order, or of many', () => {
  const [id, keys] = [column('id', 'uuid'), column('keys', 'integer[]')];
  const orders = takeSample({ name: 'orders', columns: columnsOf([id]) }, '700');
  expect(orders).toContain('>= 700 and to_jsonb(t)::text ~');
  expect(takeSample({ name: 'pages', columns: columnsOf([keys]) }, '700')).toMatch(/>= 700\s*$/);
});

it('shows a table without what some transactions have written', () => {
  expect(withoutCopies('orders', ['701', '702']).join()).toContain(
    "xmin::text <> all ('{701,702}')",
  );
});
