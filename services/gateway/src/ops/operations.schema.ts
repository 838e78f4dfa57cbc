import { instant, kinds } from '@waybill/contracts';
import { jobAnswer } from '@waybill/service';
import { z } from 'zod';

const count = z.int().min(0);
const nextCursor = z.string().nullable();
/** The services whose part is not in an answer. */
export const missing = z
  .array(z.string())
  .meta({ description: 'Services that did not answer in time; their part is not here' });

/** One subscription, with the broker's report and the consumer's counts. */
export const channelReport = z.strictObject({
  service: z.string(),
  channel: z.string(),
  group: z.string(),
  broker: z.string(),
  kind: z.enum(kinds),
  depth: count.nullable(),
  inFlight: count.nullable(),
  consumers: count.nullable().meta({
    description: 'Processes that consume the group now; null where the broker does not tell',
  }),
  lagMs: z.number().nullable(),
  rate: z.number(),
  errorRate: z.number(),
  paused: z.boolean().meta({
    description: 'The group consumes nothing: this channel or another one of its is paused',
  }),
  pausedBy: z.string().nullable().meta({ description: 'Who has paused this channel' }),
  pausedAt: instant.nullable(),
  partitions: z.array(
    z.strictObject({
      partition: count,
      depth: count.nullable(),
      offset: count.nullable().meta({ description: 'The offset that the group consumes next' }),
      end: count.nullable().meta({ description: 'The offset after the last message' }),
    }),
  ),
  applied: count,
  duplicate: count,
  deferred: count,
  dead: count,
  discarded: count,
});

export const channelPageAnswer = z
  .strictObject({ items: z.array(channelReport), nextCursor, missing })
  .meta({ id: 'ChannelPage' });

/** Every message of an order; `group` and `outcome` are for operators. */
export const journeyAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        at: instant,
        // `http` is a request, `saga` a step or timer of a saga, `effect` a call outside, `local` another local message.
        kind: z.enum(['http', 'saga', 'effect', ...kinds]),
        name: z.string(),
        from: z.string(),
        to: z.string(),
        broker: z.string(),
        channel: z.string(),
        messageId: z.uuid(),
        causationId: z.uuid().nullable(),
        traceId: z.string(),
        attempt: count,
        durationMs: z.number(),
        group: z.string().optional(),
        outcome: z.string().optional(),
      }),
    ),
    nextCursor,
    missing,
  })
  .meta({ id: 'Journey' });

const deadLetterSummary = z.strictObject({
  id: z.string(),
  service: z.string(),
  group: z.string(),
  handler: z.string().nullable(),
  channel: z.string(),
  type: z.string().nullable(),
  key: z.string().nullable(),
  attempts: count,
  code: z.string(),
  error: z.string(),
  firstAt: instant,
  at: instant,
});

export const deadLetterPageAnswer = z
  .strictObject({ items: z.array(deadLetterSummary), nextCursor, missing })
  .meta({ id: 'DeadLetterPage' });

export const redrivesAnswer = z
  .strictObject({ items: z.array(jobAnswer), nextCursor: z.null(), missing })
  .meta({ id: 'RedrivePage' });

/** The envelope of a message without its data; null if its bytes are not an envelope. */
export const messageHeaders = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    version: z.int(),
    kind: z.string(),
    occurredAt: z.string(),
    key: z.string(),
    correlationId: z.string(),
    causationId: z.string().nullable(),
    traceparent: z.string().nullable(),
    priority: z.string(),
    expiresAt: z.string().nullable(),
    source: z.string(),
    sequence: z.number().nullable(),
    attributes: z.record(z.string(), z.string()),
    routingKey: z.string(),
  })
  .nullable();

/**
 * A dead letter with its whole content, personal data masked. If the message is not a valid envelope, `headers` is null, and
 * `body` is the part that may be shown if it is JSON.
 */
export const deadLetterAnswer = deadLetterSummary
  .extend({
    headers: messageHeaders,
    data: z.unknown(),
    body: z.string().nullable(),
    sizeBytes: count,
    stack: z.string().nullable(),
    redrivable: z.boolean(),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterAuditAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        action: z.enum(['redriven', 'discarded', 'read']),
        by: z.string(),
        at: instant,
        edited: z.boolean(),
        reason: z.string().nullable(),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'DeadLetterAudit' });

export const redrivenAnswer = z.strictObject({ id: z.string(), status: z.literal('redriven') });

export const auditPageAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        id: z.uuid(),
        at: instant,
        service: z.string().meta({ description: 'Where it was done' }),
        operator: z.string(),
        action: z.string().meta({ description: 'Method and path of the route' }),
        subject: z.string().nullable(),
        reason: z.string().nullable(),
        status: z
          .int()
          .nullable()
          .meta({ description: 'Of the response; null while it has none, or was cut off' }),
      }),
    ),
    nextCursor,
    missing,
  })
  .meta({ id: 'AuditPage' });

/** Every projection, and how far it is behind its events. */
export const projectionPageAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        name: z.string(),
        service: z.string(),
        generation: z.int().min(1),
        position: count,
        head: count,
        asOf: instant,
        lagMs: count,
        rebuildable: z.boolean(),
        jobId: z.string().nullable(),
      }),
    ),
    nextCursor,
    missing,
  })
  .meta({ id: 'ProjectionPage' });
