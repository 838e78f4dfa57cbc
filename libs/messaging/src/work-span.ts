import type { Envelope } from '@waybill/message';
import { isSampled, type Span, type SpanAttributes, type Tracer } from './tracer.ts';
import type { Result, Work } from './work.ts';

/** What a span says about a message. */
export const attributesOf = ({ id, key, type, correlationId }: Envelope): SpanAttributes => ({
  'messaging.message.id': id,
  'messaging.message.conversation_id': correlationId,
  'message.type': type,
  'message.key': key,
});

/** Begins the span of a message's processing, below the span that published it; absent if its trace is not recorded. */
export function spanOf({ envelope, origin, ...work }: Work, tracer: Tracer): Span | undefined {
  if (!envelope || !isSampled(envelope.traceparent)) return undefined;
  const { group, channel, broker } = work;
  const attributes = {
    ...attributesOf(envelope),
    'messaging.operation.type': 'process',
    'messaging.destination.name': channel,
    'messaging.consumer.group.name': group,
    ...(origin.from === 'broker' ? { 'messaging.system': broker } : {}),
    ...(origin.from === 'parked' ? { 'message.taken': takenFrom(origin.row.reason) } : {}),
  };
  const kind = origin.from === 'caller' ? 'internal' : 'consumer';
  const start = { kind, parent: envelope.traceparent, attributes } as const;
  return tracer.begin(`process ${envelope.type}`, start) ?? undefined;
}

const takenFrom = (reason: string): string => (reason === 'redriven' ? 'redriven' : 'deferred');

/** Ends the span of a message with its outcome, unless this process goes on with the message. */
export function endSpan(result: Result, tracer: Tracer | undefined): void {
  const { work, outcome, calling, error, ended = [] } = result;
  const { attempt, blocked, failure, span } = work;
  if (!span) return;
  if (outcome === 'left' || outcome === 'unasked' || (calling && !blocked)) return;
  for (const { name, since } of ended) {
    const start = { kind: 'internal', parent: span.traceparent, since: new Date(since) } as const;
    tracer?.begin(name, start)?.end();
  }
  const failed = outcome === 'parked' || outcome === 'dead' ? failure : error;
  span.end({
    ...(failed === undefined ? {} : { error: failed }),
    attributes: {
      'message.outcome': outcome === 'parked' ? 'deferred' : outcome,
      'message.attempt': attempt,
    },
  });
}

/** Begins a span of several messages: a trace of its own with a link to each trace that is recorded; null if none is. */
export function batchSpan(
  name: string,
  tracer: Tracer,
  traceparents: readonly (string | null | undefined)[],
): Span | null {
  const links = traceparents.filter(isSampled);
  if (links.length === 0) return null;
  const attributes = { 'messaging.batch.message_count': traceparents.length };
  return tracer.begin(name, { kind: 'internal', parent: null, links, attributes });
}

/** The message as it appears to what its processing causes: below that span. */
export const inSpan = (envelope: Envelope, { traceparent }: Span): Envelope => ({
  ...envelope,
  traceparent,
});
