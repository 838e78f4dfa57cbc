import type { Contract } from '@waybill/message';
import { z } from 'zod';

/** A JSON Schema or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** `type.v<version>`: identifies a message and its schema in every generated document. */
export const schemaName = (contract: Pick<Contract, 'type' | 'version'>): string =>
  `${contract.type}.v${contract.version}`;

/** The data of a contract as a self-contained JSON Schema (2020-12). */
export function schemaOf(contract: Contract): JsonSchema {
  const { $schema, ...schema } = readersSchema(contract.schema);
  return {
    $schema,
    $id: `urn:waybill:${contract.type}:v${contract.version}`,
    title: contract.type,
    description: contract.summary,
    ...schema,
  };
}

/** What a reader may rely on, as a JSON Schema (2020-12). */
export const readersSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => forReaders(jsonSchema as Record<string, unknown>),
  });

/** Drops zod's patterns, which repeat the formats, and allows unknown properties, because readers ignore them. */
function forReaders(schema: Record<string, unknown>): void {
  if (schema['format'] === 'uuid' || schema['format'] === 'date-time') delete schema['pattern'];
  if (schema['additionalProperties'] === false) delete schema['additionalProperties'];
  for (const mark of ['sensitive', 'encrypted']) {
    if (schema[mark] !== true) continue;
    delete schema[mark];
    schema[`x-${mark}`] = true;
  }
}
