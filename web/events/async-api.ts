interface Reference {
  readonly $ref: string;
}

/** What this page reads of a JSON schema. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly 'x-encrypted'?: boolean;
}

type Schemas = Readonly<Record<string, Schema>>;

interface Channel {
  readonly address: string;
  readonly description?: string;
  readonly messages: Readonly<Record<string, Reference>>;
}

/** What this page reads of `/asyncapi.json`. */
export interface AsyncApi {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly action: 'send' | 'receive';
        /** The service that sends, or the group that receives. */
        readonly title: string;
        readonly messages: readonly Reference[];
      }
    >
  >;
  readonly components: {
    readonly messages: Readonly<
      Record<
        string,
        {
          readonly title: string;
          readonly summary?: string;
          readonly tags: readonly { readonly name: string }[];
          readonly payload: Schema & { readonly allOf?: readonly Schema[] };
          readonly examples?: readonly { readonly payload: unknown }[];
        }
      >
    >;
    readonly schemas: Schemas;
  };
}

/** A message of a channel. */
export interface Message {
  /** With its version; the hash of the page that shows it. */
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  readonly summary: string;
  readonly channel: string;
  readonly publishers: readonly string[];
  readonly consumers: readonly string[];
  /** The schema of its data; of a message of the WebSocket, of all of it. */
  readonly schema: Schema;
  /** A whole message; undefined where the document has none. */
  readonly example: unknown;
}

const lastPart = ({ $ref }: Reference): string => $ref.slice($ref.lastIndexOf('/') + 1);

/** Every message, channel by channel. */
export function messagesOf({ channels, operations, components }: AsyncApi): readonly Message[] {
  const who = (action: 'send' | 'receive', name: string): readonly string[] => [
    ...new Set(
      Object.values(operations)
        .filter((each) => each.action === action && each.messages.map(lastPart).includes(name))
        .map(({ title }) => title),
    ),
  ];
  return Object.values(channels).flatMap(({ address, messages }) =>
    Object.keys(messages).flatMap((name): readonly Message[] => {
      const found = components.messages[name];
      if (!found) return [];
      const { title, summary = '', tags, payload, examples } = found;
      return [
        {
          name,
          title,
          kind: tags[0]?.name ?? '',
          summary,
          channel: address,
          publishers: who('send', name),
          consumers: who('receive', name),
          schema:
            payload.allOf?.find(({ properties }) => properties)?.properties?.['data'] ?? payload,
          example: examples?.[0]?.payload,
        },
      ];
    }),
  );
}

/** A property of a schema, or of a part of it. */
export interface Field {
  /** From the outside to the inside, as `lines[].sku`. */
  readonly path: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly rules: readonly string[];
  readonly description: string;
}

/** Every property of a schema, each after the one that contains it. */
export function fieldsOf(schema: Schema, schemas: Schemas, start = ''): readonly Field[] {
  const { properties = {}, required = [] } = resolved(schema, schemas);
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `${start}${name}`;
    const outer = resolved(property, schemas);
    const known = plainOf(outer, schemas);
    const isNullable = outer.anyOf?.some(({ type: each }) => each === 'null');
    const field = {
      path,
      type: `${typeOf(known, schemas)}${isNullable ? ' or null' : ''}`,
      isOptional: !required.includes(name),
      rules: [...rulesOf(known), ...(outer['x-encrypted'] ? ['encrypted'] : [])],
      description: property.description ?? known.description ?? '',
    };
    const inner = known.items
      ? fieldsOf(known.items, schemas, `${path}[].`)
      : fieldsOf(known, schemas, `${path}.`);
    return [field, ...inner];
  });
}

const shared = '#/components/schemas/';
function resolved(schema: Schema, schemas: Schemas): Schema {
  const found = schema.$ref ? schemas[schema.$ref.slice(shared.length)] : undefined;
  return found ? resolved(found, schemas) : schema;
}

/** What a field is when it is neither null nor encrypted. */
function plainOf(schema: Schema, schemas: Schemas): Schema {
  // The first alternative of an encrypted field is the ciphertext.
  const plain = schema.anyOf?.slice(schema['x-encrypted'] ? 1 : 0);
  const [only, ...more] = plain?.filter(({ type }) => type !== 'null') ?? [];
  return only && more.length === 0 ? plainOf(resolved(only, schemas), schemas) : schema;
}

function typeOf(schema: Schema, schemas: Schemas): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.anyOf) {
    const types = schema.anyOf.map((each) => typeOf(resolved(each, schemas), schemas));
    return [...new Set(types)].join(' or ');
  }
  if (schema.items) return `${typeOf(resolved(schema.items, schemas), schemas)}[]`;
  return [schema.type ?? 'any'].flat().join(' or ');
}

function rulesOf(schema: Schema): readonly string[] {
  return [
    schema.format,
    between(schema.minimum, schema.maximum, ''),
    between(schema.minLength, schema.maxLength, ' characters'),
    between(schema.minItems, schema.maxItems, ' items'),
    schema.pattern && `matches ${schema.pattern}`,
  ].filter((rule): rule is string => typeof rule === 'string' && rule !== '');
}

function between(least: number | undefined, most: number | undefined, unit: string): string {
  const high = most === Number.MAX_SAFE_INTEGER ? undefined : most;
  const low = least === Number.MIN_SAFE_INTEGER ? undefined : least;
  if (low === undefined && high === undefined) return '';
  if (high === undefined) return `at least ${low}${unit}`;
  return low === undefined ? `at most ${high}${unit}` : `${low} to ${high}${unit}`;
}
