import { samplers } from '@waybill/observability';
import { z } from 'zod';

const url = z.url({ protocol: /^https?$/, error: 'is no URL such as http://127.0.0.1:4318' });

/** Traces, by the names that OpenTelemetry gives its settings; without an endpoint nothing is recorded. */
export const tracingConfig = z
  .object({
    /** Where traces are sent; without it none are recorded. */
    OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
    /** The same as a full address. */
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url.optional(),
    /** Which traces are recorded. */
    OTEL_TRACES_SAMPLER: z.enum(samplers).default('parentbased_always_on'),
    /** The share of the traces that are recorded, for the samplers with a ratio. */
    OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  })
  .transform((env) => ({
    url: env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? tracesOf(env.OTEL_EXPORTER_OTLP_ENDPOINT),
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
  }));
export type TracingConfig = z.output<typeof tracingConfig>;

const tracesOf = (endpoint: string | undefined): string | null =>
  endpoint === undefined ? null : `${endpoint.replace(/\/$/, '')}/v1/traces`;
