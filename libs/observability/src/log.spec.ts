import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLog, type LogLevel } from './log.ts';
import { NestLog } from './nest-log.ts';
import { traceFields, traceFrom } from './trace.ts';

const logAt = (level: LogLevel) => {
  const lines: string[] = [];
  const log = createLog({ service: 'order', level, write: (line) => lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') };
};

describe('the log of a service', () => {
  it('names its service, and the trace that it is about', () => {
    const { log, last } = logAt('info');
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const from = traceFrom(`00-${trace}-00f067aa0ba902b7-01`);
    log.info({ sku: 'A', ...traceFields(from) }, 'reserved');
    expect(last()).toMatchObject({
      level: 'info',
      service: 'order',
      msg: 'reserved',
      sku: 'A',
      correlationId: '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
      traceId: trace,
    });
  });

  it('hides secrets and personal data, also inside of what is logged', () => {
    const { log, lines } = logAt('info');
    const person = { name: 'Ada Lovelace', email: 'ada@example.com', line1: '1 Main St' };
    log.info({ password: 'waybill', authorization: 'Bearer x', ...person }, 'signed in');
    log.info(
      { order: { customer: person, shippingAddress: person, note: 'ring twice' } },
      'placed',
    );
    log.info({ a: { b: [{ c: { d: person } }] }, at: new Date(0), none: null }, 'deep');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      at: '1970-01-01T00:00:00.000Z',
      none: null,
    });
    expect(lines.join()).not.toMatch(/Ada|ada@|Main St|waybill"|Bearer x|ring twice/);
    expect(lines.join()).toContain('[hidden]');
  });

  it('tells an error by its message, code, stack and cause, and nothing else of it', () => {
    const { log, last } = logAt('info');
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('cannot commit', { cause }), {
      parameters: ['ada@example.com'],
    });
    log.error({ error, doing: { email: 'ada@example.com' } }, 'failed');
    expect(last().error).toMatchObject({
      name: 'Error',
      message: 'cannot commit',
      stack: expect.stringContaining('log.spec'),
      cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    });
    log.error({ err: new TypeError('no number'), failed: [new RangeError('too far')] }, 'failed');
    expect(last()).toMatchObject({ err: { name: 'TypeError' }, failed: [{ name: 'RangeError' }] });
    expect(JSON.stringify(last())).not.toContain('ada@');
  });

  it('says no more than its level', () => {
    const { log, lines } = logAt('warn');
    log.info('started');
    expect(lines).toEqual([]);
    log.warn('slow');
    expect(lines).toHaveLength(1);
  });

  it('takes what Nest says, whose start is of interest for debugging only', () => {
    const { log, lines, last } = logAt('info');
    const nest = new NestLog(log);
    nest.log('Mapped {/orders, POST} route', 'RouterExplorer');
    expect(lines).toEqual([]);
    nest.error('it broke', 'at here', 'Injector');
    expect(last()).toMatchObject({ level: 'error', msg: 'it broke', context: 'Injector' });
  });

  it('ends nothing when it cannot be written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    const file = join(folder, 'log');
    writeFileSync(file, '');
    const unwritable = openSync(file, 'r');
    try {
      const log = createLog({ service: 'order', level: 'info', write: unwritable });
      for (let line = 0; line < 100; line += 1) log.info({ long: 'x'.repeat(100_000) }, 'told');
      log.error('nor this');
    } finally {
      closeSync(unwritable);
      rmSync(folder, { recursive: true });
    }
  });
});
