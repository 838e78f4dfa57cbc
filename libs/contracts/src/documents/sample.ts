import type { Contract } from '@waybill/message';
import { checkData, type Envelope, wrap } from '@waybill/message';
import { type JsonSchema, schemaOf } from './json-schema.ts';

const exampleId = '019a9c40-0000-7000-8000-000000000001';
/** A value of a customer, encrypted with a key that does not exist any more. */
const exampleCiphertext =
  'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiMDE5YTljNDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxLjEifQ' +
  '..zWlCjPFHyfptDNwz.97uN_q9iCChu.Wm4DxgplZ3DtG_D1JbGwYA';
const exampleTime = '2026-01-01T12:00:00.000Z';

/** Values for fields that need a certain form, by the name of their definition or property. */
const examples: Readonly<Record<string, unknown>> = {
  OrderId: exampleId,
  Sku: 'LAPTOP-13',
  locale: 'en',
  currency: 'EUR',
  country: 'DE',
  email: 'ada@example.com',
  image: '6c179f21e6f62b629055d8ab40f454ed02e48b68563913473b857d3638e23b28',
  name: 'Ada L.',
};

/**
 * A sample message of a new contract, to be stored because later releases must still read it. The same schema
 * gives the same sample. Throws `InvalidMessage` for a schema that it cannot satisfy: write that sample by hand.
 */
export function sampleOf(contract: Contract): Envelope {
  const schema = schemaOf(contract);
  const data = checkData(contract, value(schema, schema, ''));
  const message = { contract, data, options: {} };
  return wrap(message, {
    cause: { id: exampleId, correlationId: exampleId, traceparent: null },
    source: contract.context,
    now: new Date(exampleTime),
    name: contract.type,
    sequence: 1,
  });
}

function value(schema: JsonSchema, root: JsonSchema, name: string): unknown {
  if (schema['x-encrypted']) return exampleCiphertext;
  if (name in examples) return examples[name];
  if (typeof schema['$ref'] === 'string') return referred(schema['$ref'], root, name);
  if ('const' in schema) return schema['const'];
  const [first] = (schema['enum'] ?? schema['anyOf'] ?? []) as unknown[];
  if (schema['enum']) return first;
  if (schema['anyOf']) return value(first as JsonSchema, root, name);
  if (schema['type'] === 'object') return objectOf(schema, root);
  if (schema['type'] === 'array') return [value(schema['items'] as JsonSchema, root, name)];
  return scalar(schema);
}

function scalar(schema: JsonSchema): unknown {
  if (schema['type'] === 'boolean') return true;
  if (schema['type'] === 'integer') return Math.max(1, (schema['minimum'] as number) ?? 1);
  if (schema['format'] === 'uuid') return exampleId;
  if (schema['format'] === 'date-time') return exampleTime;
  if (schema['pattern']) return 'MAIN';
  return 'example'.slice(0, schema['maxLength'] as number | undefined);
}

function referred($ref: string, root: JsonSchema, name: string): unknown {
  const definition = $ref.replace('#/$defs/', '');
  if (definition in examples) return examples[definition];
  return value((root['$defs'] as Record<string, JsonSchema>)[definition] ?? {}, root, name);
}

const objectOf = (schema: JsonSchema, root: JsonSchema): unknown =>
  Object.fromEntries(
    Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).map(
      ([name, property]) => [name, value(property, root, name)],
    ),
  );
