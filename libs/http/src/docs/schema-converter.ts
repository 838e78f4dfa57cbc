import type { SwaggerDocumentOptions } from '@nestjs/swagger';
import { z } from 'zod';

type Converter = NonNullable<SwaggerDocumentOptions['standardSchemaConverter']>;
type Json = Record<string, unknown>;

/** Converts zod schemas to OpenAPI 3.1 schemas; those with `.meta({ id })` become components. */
export const zodConverter: Converter = (schema, { schemaType }) => {
  if (!(schema instanceof z.ZodType)) return undefined;
  const made = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: schemaType,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const { override } = jsonSchema as { override?: Json };
      delete (jsonSchema as Json)['override'];
      if (override) Object.assign(jsonSchema, override);
    },
  }) as Json;
  const { $schema: _, $defs = {}, ...own } = made;
  const components = Object.fromEntries(
    Object.entries($defs as Record<string, Json>).map(([name, definition]) => [
      name,
      withoutId(definition),
    ]),
  );
  const { id } = own;
  if (typeof id !== 'string') return { schema: own, components } as ReturnType<Converter>;
  return {
    schema: { $ref: `#/components/schemas/${id}` },
    components: { ...components, [id]: withoutId(own) },
  } as ReturnType<Converter>;
};

const withoutId = ({ id: _, ...schema }: Json): Json => schema;
