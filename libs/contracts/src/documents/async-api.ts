import { isDeepStrictEqual } from 'node:util';
import type { Contract } from '@waybill/message';
import { envelopeSchema } from './envelope-schema.ts';
import { type JsonSchema, schemaName, schemaOf } from './json-schema.ts';
import { socketApi } from './socket-api.ts';
import type { Topology } from './topology.ts';

/** Example envelopes, by `schemaName`. */
export type Samples = ReadonlyMap<string, unknown>;

type Section = Record<string, unknown>;

/**
 * An AsyncAPI 3.0 document of all messages, with one operation per service and channel that it publishes or subscribes to, and of the
 * WebSocket.
 */
export function asyncApi(
  contracts: readonly Contract[],
  topology: Topology,
  samples: Samples,
): JsonSchema {
  const schemas: Section = { Envelope: envelopeSchema };
  const socket = socketApi();
  for (const contract of contracts) addSchema(schemas, schemaName(contract), schemaOf(contract));
  for (const [name, schema] of socket.schemas) addSchema(schemas, name, schema);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Waybill messages',
      version: '1.0.0',
      description: 'Generated from the contracts by `npm run generate`.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: { ...Object.fromEntries(channelsOf(contracts)), ws: socket.channel },
    operations: { ...Object.fromEntries(operationsOf(contracts, topology)), ...socket.operations },
    components: {
      messages: {
        ...Object.fromEntries(
          contracts.map((contract) => [schemaName(contract), messageOf(contract, samples)]),
        ),
        ...socket.messages,
      },
      schemas,
    },
  };
}

/** A schema's own definitions move to the shared components, because AsyncAPI resolves references from the root. */
function addSchema(schemas: Section, name: string, whole: JsonSchema): void {
  const { $schema: _, $id: __, $defs = {}, ...schema } = whole;
  for (const [part, definition] of Object.entries($defs as Section)) {
    const shared = withComponentRefs(definition);
    if (part in schemas && !isDeepStrictEqual(schemas[part], shared))
      throw new TypeError(`two different schemas are called ${part}`);
    schemas[part] = shared;
  }
  schemas[name] = withComponentRefs(schema);
}

const withComponentRefs = (schema: unknown): unknown =>
  JSON.parse(
    JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'),
  );

function messageOf(contract: Contract, samples: Samples): Section {
  const name = schemaName(contract);
  const sample = samples.get(name);
  return {
    name,
    title: contract.type,
    summary: contract.summary,
    contentType: contract.codec?.contentType ?? 'application/json',
    tags: [{ name: contract.kind }],
    payload: {
      allOf: [
        { $ref: '#/components/schemas/Envelope' },
        {
          type: 'object',
          properties: {
            type: { const: contract.type },
            version: { const: contract.version },
            kind: { const: contract.kind },
            data: { $ref: `#/components/schemas/${name}` },
          },
        },
      ],
    },
    ...(sample ? { examples: [{ payload: sample }] } : {}),
  };
}

function channelsOf(contracts: readonly Contract[]): Map<string, Section> {
  const channels = new Map<string, Section>();
  for (const [channel, here] of byChannel(contracts)) {
    channels.set(channel, {
      address: channel,
      messages: Object.fromEntries(
        here.map((contract) => {
          const name = schemaName(contract);
          return [name, { $ref: `#/components/messages/${name}` }];
        }),
      ),
    });
  }
  return channels;
}

function operationsOf(contracts: readonly Contract[], topology: Topology): Map<string, Section> {
  const operations = new Map<string, Section>();
  for (const { service, group, subscribesTo, publishes } of topology) {
    const subscribed = new Set(subscribesTo.map(({ type }) => type));
    for (const [channel, here] of byChannel(contracts)) {
      const told = here.filter(({ type }) => publishes.includes(type));
      const listened = here.filter(({ type }) => subscribed.has(type));
      if (told.length)
        operations.set(`${service}.sends.${channel}`, operation('send', service, channel, told));
      if (listened.length)
        operations.set(
          `${group}.receives.${channel}`,
          operation('receive', group, channel, listened),
        );
    }
  }
  return operations;
}

const operation = (
  action: string,
  title: string,
  channel: string,
  contracts: readonly Contract[],
): Section => ({
  action,
  title,
  channel: { $ref: `#/channels/${channel}` },
  messages: contracts.map((contract) => ({
    $ref: `#/channels/${channel}/messages/${schemaName(contract)}`,
  })),
});

function byChannel(contracts: readonly Contract[]): Map<string, Contract[]> {
  const channels = new Map<string, Contract[]>();
  for (const contract of contracts) {
    const channel = contract.channel;
    channels.set(channel, [...(channels.get(channel) ?? []), contract]);
  }
  return channels;
}
