/** The parts of a JSON schema in the API document that a sample needs. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly schema?: Schema;
}

/** The parts of the API document that describe requests. */
export interface ApiDocument {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly parameters?: readonly Parameter[];
            readonly requestBody?: {
              readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
            };
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One operation of the API, with a valid body where it takes one. */
export interface Operation {
  readonly method: string;
  /** With parameters as `{name}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** A body with the expected shape; undefined when the operation takes none. */
  readonly body: unknown;
}

/** Every operation that a document describes, except those that take a file. */
export function operationsOf(document: ApiDocument): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { parameters = [], requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      if (requestBody && !schema) return [];
      const body = schema && sample(schema, document, '');
      return [{ method: method.toUpperCase(), path, parameters, body }];
    }),
  );
}

/** Values that are more plausible than the schema requires, by the name of the field. */
const examples: Readonly<Record<string, unknown>> = {
  sku: 'LAPTOP-13',
  country: 'DE',
  currency: 'EUR',
  token: 'tok_visa',
  email: 'ada@example.com',
  imageUrl: '/images/x.png',
  vatId: 'FR40303265045',
  voucherCode: null,
};

function sample(schema: Schema, document: ApiDocument, name: string): unknown {
  if (name in examples) return examples[name];
  const within = (inner: Schema): unknown => sample(inner, document, name);
  if (schema.$ref !== undefined) {
    return within(document.components.schemas[schema.$ref.replace(/^.*\//, '')] ?? {});
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (first) return within(first);
  const [type] = [schema.type].flat();
  if (type === 'object') return objectOf(schema, document);
  if (type === 'array') return [within(schema.items ?? {})];
  return scalarOf(schema);
}

function scalarOf({ type, minimum = 1, format }: Schema): unknown {
  if (type === 'integer' || type === 'number') return Math.max(1, minimum);
  if (type === 'boolean') return true;
  if (format === 'date-time') return '2026-01-01T12:00:00Z';
  return format === 'uuid' ? '019a9c40-0000-7000-8000-000000000001' : 'MAIN';
}

const objectOf = ({ properties = {} }: Schema, document: ApiDocument): unknown =>
  Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, sample(inner, document, name)]),
  );
