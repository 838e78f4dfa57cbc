import { clientMessages, serverMessages } from '../socket/index.ts';
import { type JsonSchema, readersSchema } from './json-schema.ts';

type Section = Record<string, unknown>;
type SocketMessage = (typeof clientMessages | typeof serverMessages)[number];

/** The WebSocket as parts of an AsyncAPI document; its messages have no envelope. */
export interface SocketApi {
  readonly channel: Section;
  readonly operations: Section;
  readonly messages: Section;
  /** By name, each with its own definitions. */
  readonly schemas: readonly (readonly [name: string, schema: JsonSchema])[];
}

/** Clients ignore properties that they do not know; the server refuses them. */
const directions = [
  {
    start: 'ws.client',
    messages: clientMessages,
    action: 'receive',
    verb: 'receives',
    strict: { additionalProperties: false },
  },
  { start: 'ws.server', messages: serverMessages, action: 'send', verb: 'sends', strict: {} },
] as const;

/** Describes the WebSocket of the gateway, which receives what clients send. */
export function socketApi(): SocketApi {
  const named = directions.flatMap(({ start, messages }) =>
    messages.map((schema) => [nameOf(start, schema), schema] as const),
  );
  return {
    channel: {
      address: '/ws',
      title: 'WebSocket',
      description:
        'The WebSocket of the public origin, with the subprotocol `waybill.v1` and the ticket of `POST /api/v1/ws/tickets` in the query.',
      messages: Object.fromEntries(
        named.map(([name]) => [name, { $ref: `#/components/messages/${name}` }]),
      ),
    },
    operations: Object.fromEntries(
      directions.map(({ start, messages, action, verb }) => [
        `gateway.${verb}.ws`,
        {
          action,
          title: 'gateway',
          channel: { $ref: '#/channels/ws' },
          messages: messages.map((schema) => ({
            $ref: `#/channels/ws/messages/${nameOf(start, schema)}`,
          })),
        },
      ]),
    ),
    messages: Object.fromEntries(named.map(([name, schema]) => [name, messageOf(name, schema)])),
    schemas: directions.flatMap(({ start, messages, strict }) =>
      messages.map(
        (schema) => [nameOf(start, schema), { ...readersSchema(schema), ...strict }] as const,
      ),
    ),
  };
}

const typeOf = (schema: SocketMessage): string => schema.shape.type.value;
const nameOf = (start: string, schema: SocketMessage): string => `${start}.${typeOf(schema)}`;

const messageOf = (name: string, schema: SocketMessage): Section => ({
  name,
  title: typeOf(schema),
  summary: schema.meta()?.description,
  contentType: 'application/json',
  tags: [{ name: 'websocket' }],
  payload: { $ref: `#/components/schemas/${name}` },
});
