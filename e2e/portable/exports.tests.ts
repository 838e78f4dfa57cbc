import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

/** Files for other systems. */
export function exportTests(target: () => Target): void {
  /** The file of an export, once its job is done. */
  async function exported(
    format: 'csv' | 'parquet',
    from: string,
    kind: Schemas['ExportKind'] = 'orders',
  ) {
    const ops = await target().as('ops');
    const body = { kind, format, from };
    const {
      status,
      headers,
      body: begun,
    } = await ops.post<Schemas['Job']>('/api/v1/exports', body);
    expect([status, headers.get('location')]).toEqual([202, `/api/v1/jobs/${begun.id}`]);
    const { url } = await eventually('the export is done', async () => {
      const job = await ops.read('/api/v1/jobs/{id}', { path: { id: begun.id } });
      return job.state === 'done' && job;
    });
    return { url: url ?? '', file: await ops.get(url ?? '') };
  }

  it('has its lines, for operators, with masked personal data unless there is a reason', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const order = await ada.buy();
    const { url, file } = await exported('csv', order.placedAt);
    const lineOf = (bytes: Buffer) =>
      bytes
        .toString()
        .split('\r\n')
        .find((line) => line.startsWith(order.id)) ?? '';
    expect(lineOf(file.bytes)).toContain(order.number);
    expect(lineOf(file.bytes)).toContain('***');
    const plain = await ops.get(`${url}?reason=asked+by+the+customer`);
    expect(lineOf(plain.bytes)).not.toContain('***');
    expect((await ada.get(url)).status).toBe(403);
  });

  it.each(['windows', 'sessions', 'order_times'] as const)('may be of %s', async (kind) => {
    const { url, file } = await exported('csv', new Date().toISOString(), kind);
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(file.bytes.toString()).toMatch(/^\w+(,\w+)+\r\n/);
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    expect((await ada.get(url)).status).toBe(403);
    const none = url.replace(/[0-9a-f-]{36}/, '01980000-0000-7000-8000-000000000001');
    expect((await ops.get(none)).status).toBe(404);
  });

  it('may be a Parquet file', async () => {
    const { file } = await exported('parquet', '2020-01-01T00:00:00Z');
    expect(file.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    expect(file.bytes.subarray(0, 4).toString()).toBe('PAR1');
    expect(file.bytes.subarray(-4).toString()).toBe('PAR1');
  });
}
