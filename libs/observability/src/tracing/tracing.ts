import type { OnApplicationShutdown } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import type { Span, Tracer } from '@waybill/messaging';
import { parsedTraceparent, type Trace, traceFrom, traceIdOf, traceOf, uuidOf } from '../trace.ts';
import { isChosen, type Sampling } from './sampling.ts';
import type { RecorderOptions, SpanRecorder } from './span-recorder.ts';

/** Which traces a service records. */
export type TracingOptions = RecorderOptions & Sampling;

/** A request with its trace, and its span if the trace is recorded. */
export interface TracedRequest {
  readonly trace: Trace;
  readonly span: Span | null;
}

/**
 * The traces of one service: decides at its HTTP edge whether a trace is recorded, and records the spans of those that are. When
 * the receiver is away, spans are lost and nothing else happens.
 */
export class Tracing implements OnApplicationShutdown {
  private constructor(
    private readonly recorder: SpanRecorder | null,
    private readonly sampling: Sampling,
  ) {}

  /** Records nothing; the trace contexts of callers are passed on. */
  static readonly off = new Tracing(null, { sampler: 'always_off', ratio: 0 });

  /** Loads OpenTelemetry, which costs a process memory and time to start. */
  static async on({ sampler, ratio, ...options }: TracingOptions): Promise<Tracing> {
    const { SpanRecorder } = await import('./span-recorder.ts');
    return new Tracing(new SpanRecorder(options), { sampler, ratio });
  }

  /** The tracer for the hot path; absent if nothing is recorded. */
  get tracer(): Tracer | undefined {
    return this.recorder ?? undefined;
  }

  /** Begins a request; `header` is its `traceparent`, which anyone may have sent. The name is made only for a recorded trace. */
  request(header: unknown, nameOf: () => string): TracedRequest {
    const { recorder, sampling } = this;
    if (!recorder) return { trace: traceFrom(header), span: null };
    const caller = parsedTraceparent(header);
    const traceId = caller?.traceId ?? traceIdOf(newId());
    const flag = caller ? (Number.parseInt(caller.flags, 16) & 1) === 1 : undefined;
    if (!isChosen(sampling, traceId, flag)) return { trace: traceOf(traceId, '00'), span: null };
    const span = recorder.begun(nameOf(), { kind: 'server' }, caller ?? { traceId });
    return { trace: { correlationId: uuidOf(traceId), traceparent: span.traceparent }, span };
  }

  /** Exports what waits, within a second; the application ends when its spans have ended. Never rejects. */
  async onApplicationShutdown(): Promise<void> {
    await this.recorder?.close();
  }
}

/** Ends the span of a request with the status of its answer. */
export const endRequest = (span: Span, status: number): void =>
  span.end({
    ...(status >= 500 ? { error: { code: status } } : {}),
    attributes: { 'http.response.status_code': status },
  });
