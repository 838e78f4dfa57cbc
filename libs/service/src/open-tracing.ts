import type { FactoryProvider } from '@nestjs/common';
import { LOGGER, type Log, SparseWarnings, Tracing } from '@waybill/observability';
import type { TracingConfig } from './config/tracing.config.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from './service-options.ts';
import { ServiceSettings } from './service-settings.ts';

/** The traces of a service as its settings say: off without the address of a receiver. */
export async function openTracing(
  { url, ...sampling }: TracingConfig,
  {
    log,
    ...who
  }: { readonly service: string; readonly instance?: string | undefined; readonly log: Log },
): Promise<Tracing> {
  if (url === null) return Tracing.off;
  const warnings = new SparseWarnings(log);
  const onTrouble = (error: unknown) =>
    warnings.warn('traces', { error }, 'the receiver of traces does not take them; they are lost');
  return Tracing.on({ ...sampling, ...who, url, onTrouble });
}

export const tracingProvider: FactoryProvider<Promise<Tracing>> = {
  provide: Tracing,
  inject: [SERVICE_OPTIONS, ServiceSettings, LOGGER],
  useFactory: ({ name: service }: ServiceOptions, { host, tracing }: ServiceSettings, log: Log) =>
    openTracing(tracing, { service, instance: host.instance, log }),
};
