import { type Codec, kinds, MalformedEnvelope, priorities } from '@waybill/message';
import { z } from 'zod';
import { type Field, type Shape, shapeOf } from './shape.ts';
import { decodeFields, encodeFields } from './wire.ts';

/** A codec, with the shape of the data for the generated file. */
export interface ProtobufCodec extends Codec {
  readonly fields: readonly Field[];
}

/** The fields of the envelope besides its data, in the order of their numbers. */
export const envelopeFields = fieldsOf(
  shapeOf(
    z.strictObject({
      id: z.string(),
      type: z.string(),
      version: z.int(),
      kind: z.enum(kinds),
      occurredAt: z.string(),
      key: z.string(),
      correlationId: z.string(),
      causationId: z.string().nullable(),
      traceparent: z.string().nullable(),
      priority: z.enum(priorities),
      expiresAt: z.string().nullable(),
      source: z.string(),
      sequence: z.int().nullable(),
      attributes: z.record(z.string(), z.string()),
      routingKey: z.string(),
    }),
    [
      ...['id', 'type', 'version', 'kind', 'occurredAt', 'key', 'correlationId', 'causationId'],
      ...['traceparent', 'priority', 'expiresAt', 'source', 'sequence', 'attributes', 'routingKey'],
    ],
  ),
);

/** The number of the data in the envelope. */
export const dataNumber = 16;

/**
 * A contract's `codec`: protobuf, whose fields have the place of their name as number (`shapeOf`). A new optional field
 * comes at the end. Such a contract has one version, because a codec knows one schema.
 */
export const protobuf =
  (...paths: readonly string[]): ((schema: z.core.$ZodType) => ProtobufCodec) =>
  (schema) =>
    codecOf(fieldsOf(shapeOf(schema, paths)));

function codecOf(fields: readonly Field[]): ProtobufCodec {
  const whole: readonly Field[] = [
    ...envelopeFields,
    {
      name: 'data',
      number: dataNumber,
      missing: 'default',
      shape: { kind: 'message', fields },
    },
  ];
  return {
    contentType: 'application/protobuf',
    fields,
    encode: (envelope) => encodeFields(whole, envelope),
    decode: (bytes) => {
      try {
        return decodeFields(whole, bytes);
      } catch (error) {
        throw new MalformedEnvelope(`invalid protobuf (${(error as Error).message})`);
      }
    },
  };
}

function fieldsOf(shape: Shape): readonly Field[] {
  if (shape.kind === 'message') return shape.fields;
  throw new TypeError('only an object has fields');
}
