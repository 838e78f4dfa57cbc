import { kinds, priorities } from '@waybill/message';
import type { JsonSchema } from './json-schema.ts';

const text = { type: 'string', maxLength: 255 };
const textOrNull = { type: ['string', 'null'], maxLength: 255 };

/** What `decode` accepts: the fields around the data of every message. */
export const envelopeSchema: JsonSchema = {
  type: 'object',
  title: 'Envelope',
  description: 'What every broker carries around the data of a message.',
  properties: {
    id: { type: 'string', format: 'uuid', description: 'UUID version 7; sent again, it stays.' },
    type: text,
    version: { type: 'integer', minimum: 1 },
    kind: { type: 'string', enum: [...kinds] },
    occurredAt: { type: 'string', format: 'date-time' },
    key: { ...text, description: 'Order holds between messages of one key and channel.' },
    correlationId: { ...text, description: 'The id of the first message of the conversation.' },
    causationId: { ...textOrNull, description: 'The id of the message that this one answers.' },
    traceparent: { ...textOrNull, description: 'W3C Trace Context.' },
    priority: { type: 'string', enum: [...priorities] },
    expiresAt: { type: ['string', 'null'], format: 'date-time' },
    source: { ...text, description: 'The service that sent it.' },
    sequence: { type: ['integer', 'null'], minimum: 0, description: 'Version of the aggregate.' },
    attributes: { type: 'object', additionalProperties: text },
    routingKey: text,
    data: { type: 'object' },
  },
  required: [
    'id',
    'type',
    'version',
    'kind',
    'occurredAt',
    'key',
    'correlationId',
    'priority',
    'source',
    'attributes',
    'routingKey',
    'data',
  ],
};
