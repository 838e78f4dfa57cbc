import { describe, expect, it } from '@jest/globals';
import { type Contract, encode, event, newId, seal } from '@waybill/contracts';
import { z } from 'zod';
import type { Handler } from './handler.ts';
import { NewerVersion, readWork } from './work.ts';
import { deadRow } from './work-rows.ts';

const options = { summary: '', key: () => 'k' };
const v1 = event('parcel.moved', { ...options, schema: z.strictObject({ city: z.string() }) });
const v2 = event('parcel.moved', {
  ...options,
  version: 2,
  schema: z.strictObject({ to: z.string() }),
  upcasters: { 1: ({ city }: { city: string }) => ({ to: city }) },
});

/** What a group that knows `contract` reads of a message of `sent`. */
function read(contract: Contract, sent: Contract, data: object) {
  const cause = { id: newId(), correlationId: newId(), traceparent: null };
  const envelope = seal(sent(data), { cause, source: 'shipping', now: new Date(), name: '0' });
  const handler: Handler = { contract, home: null, options: {} as Handler['options'] };
  return readWork(
    {
      group: 'order',
      channel: 'parcel.events',
      broker: 'embedded',
      body: encode(envelope),
      shard: 0,
      firstAt: envelope.occurredAt,
      arrivedAt: 0,
      attempt: 0,
      origin: { from: 'caller', resolve() {}, reject() {} },
    },
    new Map([[contract.type, handler]]),
  );
}

describe('bytes that are no UTF-8', () => {
  it('are no message, whatever is left of them as text', () => {
    const bytes = Buffer.from('{}');
    const work = readWork(
      {
        group: 'order',
        channel: 'parcel.events',
        broker: 'kafka',
        body: '{}',
        bytes,
        shard: 0,
        firstAt: '2026-01-01T00:00:00.000Z',
        arrivedAt: 0,
        attempt: 0,
        origin: { from: 'caller', resolve() {}, reject() {} },
      },
      new Map(),
    );
    expect(work.refusal).toMatchObject({ code: 'malformed_envelope', retriable: false });
    expect(deadRow(work, work.refusal, new Date())).toMatchObject({ body: '{}', bytes });
  });
});

describe('a message of another release', () => {
  it('is lifted when it is older', () => {
    expect(read(v2 as Contract, v1 as Contract, { city: 'Rome' })).toMatchObject({
      data: { to: 'Rome' },
      refusal: undefined,
    });
  });

  it('is refused when nobody knows how to lift it', () => {
    const { upcasters: _, ...rest } = v2;
    const bare = Object.assign(() => undefined, rest, { upcasters: {} }) as unknown as Contract;
    const { refusal } = read(bare, v1 as Contract, { city: 'Rome' });
    expect(refusal).toMatchObject({ code: 'unknown_version', retriable: false });
  });

  it('waits when it is newer', () => {
    const { refusal } = read(v1 as Contract, v2 as Contract, { to: 'Rome' });
    expect(refusal).toBeInstanceOf(NewerVersion);
  });
});
