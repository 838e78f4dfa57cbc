import { setTimeout } from 'node:timers/promises';
import {
  type Span as RecordedSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { newId } from '@waybill/contracts';
import type { Span, SpanStart, Tracer } from '@waybill/messaging';
import { parsedTraceparent, type TraceContext, traceIdOf } from '../trace.ts';

/** Where spans go, and for whom. */
export interface RecorderOptions {
  readonly service: string;
  /** Such as the host or the replica; default: none. */
  readonly instance?: string | undefined;
  /** The address of an OTLP receiver for traces. */
  readonly url: string;
  /** Called when spans were lost. */
  readonly onTrouble: (error: unknown) => void;
}

/** Milliseconds that an export may take, and all those of a service that stops. */
const patience = 2_000;
const lastPatience = 1_000;
/** Spans that wait for their export; more are dropped. */
const mostWaiting = 8_192;

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** Records spans with the SDK of OpenTelemetry and exports them by OTLP, in the background. */
export class SpanRecorder implements Tracer {
  private readonly ids = new TraceIds();
  private readonly provider: BasicTracerProvider;
  private readonly tracer;

  constructor({ service, instance, url, onTrouble }: RecorderOptions) {
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: patience });
    this.provider = new BasicTracerProvider({
      idGenerator: this.ids,
      // Whether a trace is recorded was decided at its edge; a span of another trace never begins.
      sampler: new AlwaysOnSampler(),
      resource: resourceFromAttributes({
        'service.name': service,
        'service.namespace': 'waybill',
        ...(instance === undefined ? {} : { 'service.instance.id': instance }),
      }),
      spanProcessors: [
        new BatchSpanProcessor(reporting(exporter, onTrouble), {
          maxQueueSize: mostWaiting,
          scheduledDelayMillis: 1_000,
          exportTimeoutMillis: patience,
        }),
      ],
    });
    this.tracer = this.provider.getTracer('waybill');
  }

  begin(name: string, { parent, ...start }: SpanStart): Span | null {
    const cause = parent === null ? { traceId: traceIdOf(newId()) } : parsedTraceparent(parent);
    return cause && this.begun(name, start, cause);
  }

  /** Begins a span of the trace with that id, below the span with that id or as the first. */
  begun(
    name: string,
    { kind, since, attributes = {}, links = [] }: Omit<SpanStart, 'parent'>,
    { traceId, spanId }: Pick<TraceContext, 'traceId'> & Partial<TraceContext>,
  ): Span {
    this.ids.traceId = traceId;
    const context =
      spanId === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, recorded({ traceId, spanId }));
    const linked = links.flatMap((each) => {
      const found = parsedTraceparent(each);
      return found ? [{ context: recorded(found) }] : [];
    });
    const start = { kind: kinds[kind], attributes, links: linked };
    return new SdkSpan(
      this.tracer.startSpan(name, since ? { ...start, startTime: since } : start, context),
    );
  }

  /** Exports what waits, within a second. Never rejects. */
  async close(): Promise<void> {
    const late = setTimeout(lastPatience, undefined, { ref: false });
    await Promise.race([this.provider.shutdown().catch(() => undefined), late]);
  }
}

class SdkSpan implements Span {
  readonly traceparent: string;
  private ended = false;

  constructor(private readonly span: RecordedSpan) {
    const { traceId, spanId } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-01`;
  }

  end({ error, attributes }: Parameters<Span['end']>[0] = {}): void {
    if (this.ended) return;
    this.ended = true;
    if (attributes) this.span.setAttributes(attributes);
    if (error !== undefined && error !== null) {
      this.span.setAttribute('error.type', errorType(error));
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

/** Never the message of an error, which may hold personal data. */
function errorType(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return String(code ?? name ?? 'error');
}

/** New traces have the id that their root was given. */
class TraceIds implements IdGenerator {
  traceId = '';
  private readonly random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.traceId;
  }

  generateSpanId(): string {
    return this.random.generateSpanId();
  }
}

/** Lost spans are reported and nothing else: the processor would report each export to a global handler. */
const reporting = (
  exporter: SpanExporter,
  onTrouble: RecorderOptions['onTrouble'],
): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, ({ code, error }) => {
      if (code !== 0) onTrouble(error);
      done({ code: 0 });
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: async () => exporter.forceFlush?.(),
});

const recorded = ({ traceId, spanId }: Omit<TraceContext, 'flags'>): SpanContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
});
