import { describe, expect, it } from '@jest/globals';
import { type Contract, type Envelope, encode, event, newId, wrap } from '@waybill/message';
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

/** What a group with `contract` reads from a message of `sent`; `inProcess`: from the published object. */
function read(contract: Contract, sent: Contract, data: object, { inProcess = false } = {}) {
  const cause = { id: newId(), correlationId: newId(), traceparent: null };
  const envelope = wrap(sent(data), { cause, source: 'shipping', now: new Date(), name: '0' });
  const handler: Handler = { contract, home: null, options: {} as Handler['options'] };
  return readWork(
    {
      group: 'order',
      channel: 'parcel.events',
      broker: 'embedded',
      body: encode(envelope),
      made: inProcess ? { envelope, contract: sent } : undefined,
      partition: 0,
      firstAt: 0,
      arrivedAt: 0,
      attempt: 0,
      origin: { from: 'caller', resolve() {}, reject() {} },
    },
    new Map([[contract.type, handler]]),
  );
}

const idsOf = (envelope: Envelope | null) => ({
  id: envelope?.id,
  correlationId: envelope?.correlationId,
  causationId: envelope?.causationId,
  occurredAt: envelope?.occurredAt,
});

describe('bytes that are no UTF-8', () => {
  it.each([
    [undefined, 'not an envelope: its bytes are no UTF-8'],
    ['the body is not valid gzip', 'not an envelope: the body is not valid gzip'],
  ])('are no message, whatever is left of them as text (%s)', (gaveUp, message) => {
    const bytes = Buffer.from('{}');
    const work = readWork(
      {
        group: 'order',
        channel: 'parcel.events',
        broker: 'kafka',
        body: '{}',
        bytes,
        gaveUp,
        partition: 0,
        firstAt: 0,
        arrivedAt: 0,
        attempt: 0,
        origin: { from: 'caller', resolve() {}, reject() {} },
      },
      new Map(),
    );
    expect(work.refusal).toMatchObject({ code: 'malformed_envelope', retriable: false, message });
    expect(deadRow(work, work.refusal, new Date())).toMatchObject({ body: '{}', bytes });
  });
});

describe('a message that was made in this process', () => {
  const data = { city: 'Rome' };

  it('is what its bytes would be read as', () => {
    const { envelope, ...rest } = read(v1 as Contract, v1 as Contract, data);
    const made = read(v1 as Contract, v1 as Contract, data, { inProcess: true });
    expect(made).toMatchObject({ data: rest.data, refusal: undefined, keyId: rest.keyId });
    expect(made.envelope).toEqual({ ...envelope, ...idsOf(made.envelope) });
  });

  it('is not read again', () => {
    const { data: seen, envelope } = read(v1 as Contract, v1 as Contract, data, {
      inProcess: true,
    });
    expect(seen).toBe(envelope?.data);
  });

  it('is read all the same by who knows another contract of its type', () => {
    expect(read(v2 as Contract, v1 as Contract, data, { inProcess: true })).toMatchObject({
      data: { to: 'Rome' },
    });
    const strange = event('parcel.moved', {
      ...options,
      schema: z.strictObject({ to: z.string() }),
    });
    expect(read(strange as Contract, v1 as Contract, data, { inProcess: true })).toMatchObject({
      refusal: { code: 'invalid_message' },
    });
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
