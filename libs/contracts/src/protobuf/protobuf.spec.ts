import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Codec, decode, type Envelope, newId } from '@waybill/message';
import protobufjs from 'protobufjs';
import { z } from 'zod';
import { allContracts } from '../all-contracts.ts';
import { ActivityProcessed, ActivityRecorded } from '../analytics.messages.ts';
import { brokenProto, protoFiles } from './proto-file.ts';
import { protobuf } from './protobuf.ts';

const folder = join(import.meta.dirname, '..', '..');
const sampleOf = (type: string): Envelope =>
  decode(readFileSync(join(folder, 'samples', `${type}.v1.json`), 'utf8'));
const files = [...protoFiles(allContracts)];
const recorded = sampleOf(ActivityRecorded.type);
const codec = ActivityRecorded.codec as Codec;

/** The type `Envelope` of a generated file, as any other program reads it. */
function readerOf(text: string): protobufjs.Type {
  const root = new protobufjs.Root();
  root.addJSON(protobufjs.common.get('google/protobuf/struct.proto')?.nested ?? {});
  const { package: name } = protobufjs.parse(text, root);
  return root.lookupType(`${name}.Envelope`);
}

describe('a message in protobuf', () => {
  it.each(files.map(([name]) => name.slice('waybill/messages/'.length, -'.proto'.length)))(
    'of %s says what its JSON says',
    (type) => {
      const sample = sampleOf(type);
      const codecOfType = allContracts.find((each) => each.type === type)?.codec as Codec;
      expect(codecOfType.decode(codecOfType.encode(sample))).toEqual(sample);
      expect(codecOfType.encode(sample).length).toBeLessThan(JSON.stringify(sample).length * 0.7);
    },
  );

  it('keeps what is absent apart from what is null, and every value as it was', () => {
    const properties = JSON.parse(
      '{"a":"","__proto__":"x","b":0,"c":-1.5,"d":false,"e":null,"1":"Grüße 🚀"}',
    );
    const data = { ...(recorded.data as object), customerId: undefined, country: 'DE', properties };
    const whole = { ...recorded, id: newId(), sequence: 0, attributes: { region: 'europe' }, data };
    const found = codec.decode(codec.encode(whole));
    expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(whole)));
    const empty = {
      ...(sampleOf(ActivityProcessed.type).data as object),
      page: null,
      amount: 0,
      bounced: false,
    };
    const processed = { ...sampleOf(ActivityProcessed.type), sequence: null, data: empty };
    const other = ActivityProcessed.codec as Codec;
    expect(other.decode(other.encode(processed))).toEqual(processed);
  });

  it('is read by other programs by its generated file, and theirs by us', () => {
    const [, text = ''] = files.find(([name]) => name.includes(ActivityRecorded.type)) ?? [];
    const reader = readerOf(text);
    const seen = reader.toObject(reader.decode(codec.encode(recorded)), { longs: Number });
    expect(seen).toMatchObject({
      id: recorded.id,
      version: 1,
      kind: 6,
      data: { sessionId: (recorded.data as { sessionId: string }).sessionId },
    });
    const theirs = reader.encode(reader.fromObject(seen)).finish();
    expect(codec.decode(theirs)).toEqual(recorded);
  });

  it('skips fields that it does not know, also of another kind than it knows', () => {
    const bytes = Buffer.concat([
      codec.encode(recorded),
      Buffer.from([0x08, 1, 0x98, 0x06, 5, 0xa2, 0x06, 1, 65]),
    ]);
    expect(codec.decode(bytes)).toEqual(recorded);
  });

  it('refuses bytes that end too early, or data that do not fit', () => {
    const bytes = codec.encode(recorded);
    const dataIn = (length: number): unknown => {
      try {
        return decode(JSON.stringify(codec.decode(bytes.subarray(0, length)))).data;
      } catch {
        return 'refused';
      }
    };
    const found = Array.from({ length: bytes.length }, (_, length) => dataIn(length));
    expect([...new Set(found)]).toEqual(['refused', undefined]);
    for (const data of [null, {}, { ...(recorded.data as object), type: 'flight' }]) {
      expect(() => codec.encode({ ...recorded, data })).toThrow(TypeError);
    }
  });
});

describe('the numbers of the fields', () => {
  const schema = z.strictObject({ a: z.string(), b: z.strictObject({ c: z.int() }).nullable() });

  it('are given for each field, and for nothing else', () => {
    expect(protobuf('a', 'b', 'b.c')(schema).fields.map(({ number }) => number)).toEqual([1, 2]);
    expect(() => protobuf('a', 'b')(schema)).toThrow('b.c has no number');
    expect(() => protobuf('a', 'b', 'b.c', 'd')(schema)).toThrow('no fields of the schema: d');
    expect(() => protobuf('a')(z.strictObject({ a: z.array(z.string()) }))).toThrow(
      'a is of a type without a codec: array',
    );
  });

  it.each(files)('in the published %s are those of the contract', (name, text) => {
    expect(readFileSync(join(folder, 'proto', name), 'utf8')).toBe(text);
  });

  it('never change once published: only what is added is compatible', () => {
    const [, text = ''] = files[0] ?? [];
    expect(
      brokenProto(text, text.replace('  string id = 1;', '  string id = 1;\n  string more = 99;')),
    ).toEqual([]);
    expect(brokenProto(text, text.replace('string id = 1;', 'string id = 2;'))).toEqual([
      'Envelope: string id = 1;',
    ]);
    expect(brokenProto(text, text.replace('string session_id', 'int64 session_id'))).toEqual([
      expect.stringMatching(/^Envelope\.Data: string session_id = \d;$/),
    ]);
  });
});
