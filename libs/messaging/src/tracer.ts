/** What a span is about, such as `messaging.message.id`. Never personal data. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** How a span begins. */
export interface SpanStart {
  /** As in OpenTelemetry: the service serves a request, calls another, publishes or processes a message, or none of these. */
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** The traceparent of its cause; null: the span begins a trace of its own. */
  readonly parent: string | null;
  /** When it began; default: now. */
  readonly since?: Date;
  readonly attributes?: SpanAttributes;
  /** Traceparents of spans of other traces that it belongs to. */
  readonly links?: readonly string[];
}

/** A recorded part of a trace. */
export interface Span {
  /** Its W3C Trace Context: what it causes carries it. */
  readonly traceparent: string;
  /** An error marks the span as failed, with its code. Only the first call has an effect. */
  end(how?: { readonly error?: unknown; readonly attributes?: SpanAttributes }): void;
}

/** Records spans. It must not throw, and it must not wait. */
export interface Tracer {
  /** Null if the trace of the parent is not recorded. */
  begin(name: string, start: SpanStart): Span | null;
}

const length = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'.length;

/** Whether the trace of a traceparent is recorded, by its flag; called for every message, so it does not parse it. */
export const isSampled = (traceparent: string | null | undefined): traceparent is string =>
  traceparent?.length === length && (traceparent.charCodeAt(length - 1) & 1) === 1;
