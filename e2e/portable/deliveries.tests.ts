import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import type { Target } from './target.ts';

type Job = Schemas['Job'];

/** Files about goods that another system received. */
export function deliveryTests(target: () => Target): void {
  const headers = { 'content-type': 'text/csv' };
  const upload = async (raw: string) => {
    const ops = await target().as('ops');
    return ops.send<Job & ProblemView>('POST', '/api/v1/inventory/import', { raw, headers });
  };
  /** The job of a file, once it is done. */
  async function imported(raw: string): Promise<Job> {
    const ops = await target().as('ops');
    const { status, headers: told, body } = await upload(raw);
    expect([status, told.get('location')]).toEqual([202, `/api/v1/jobs/${body.id}`]);
    return eventually('the file is taken in', async () => {
      const job = await ops.read('/api/v1/jobs/{id}', { path: { id: body.id } });
      return job.state === 'done' && job;
    });
  }
  const head = 'reference,sku,warehouse,quantity';

  it('are taken in once, whichever file a delivery comes in, and show in the stock', async () => {
    const sku = await target().product(1);
    const reference = target().unique('GR');
    const lines = Array.from({ length: 700 }, (_, i) => `${reference}-${i},${sku},NORTH,2`);
    const first = await imported([head, ...lines, ''].join('\r\n'));
    expect(first).toMatchObject({ kind: 'import-stock', progress: 1 });
    expect(first.counts).toEqual({ received: 700, alreadyReceived: 0, refused: 0 });
    const again = await imported(
      [head, ...lines.slice(300), `${reference},${sku},MAIN,1`].join('\n'),
    );
    expect(again.counts).toEqual({ received: 1, alreadyReceived: 400, refused: 0 });
    const ops = await target().as('ops');
    expect(await stockOf(ops, sku)).toMatchObject({ received: 1 + 1_400 + 1 });
  });

  it('are reported on line by line, for operators', async () => {
    const sku = await target().product(1);
    const reference = target().unique('GR');
    const { url } = await imported(
      `${head}\n${reference},NONE,MAIN,1\n${reference},${sku},MAIN,1\n`,
    );
    const [ops, ada] = await Promise.all([target().as('ops'), target().as('ada')]);
    const report = await ops.get(url ?? '');
    expect(report.headers.get('content-type')).toContain('text/csv');
    expect(report.bytes.toString().split('\r\n')).toEqual([
      'line,outcome,reference,field,rule',
      `2,refused,${reference},sku,is not a product of the catalogue`,
      `3,received,${reference},,`,
      '',
    ]);
    expect((await ada.get(url ?? '')).status).toBe(403);
  });

  it('are refused as a whole with another header, and name the rule', async () => {
    const { status, body } = await upload('a,b\n1,2\n');
    expect([status, body.code]).toEqual([422, 'invalid_header']);
    expect(body.errors?.[0]?.message).toBe('lacks the column reference, sku, warehouse, quantity');
  });
}
