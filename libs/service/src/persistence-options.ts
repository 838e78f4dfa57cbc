import type { Clock } from '@waybill/messaging';
import type { Log, SparseWarnings, Tracing } from '@waybill/observability';
import type { PersistenceOptions } from '@waybill/persistence';
import type { Host } from './host.ts';
import type { ServiceOptions } from './service-options.ts';
import type { ServiceSettings } from './service-settings.ts';

/** The options of `PersistenceModule` in a service. */
export function persistenceOptions(
  { name: service }: ServiceOptions,
  { migrate = false, exclusive = false }: Host,
  { host }: ServiceSettings,
  clock: Clock,
  log: Log,
  warnings: SparseWarnings,
  { tracer }: Tracing,
): PersistenceOptions {
  return {
    service,
    url: host.databaseUrl,
    poolSize: host.databasePool,
    inboxRetention: host.inboxRetentionMs,
    migrate,
    exclusive,
    clock,
    log,
    tracer,
    relayFailed: (error, doing) =>
      warnings.warn(`relay ${doing}`, { error, doing }, 'the relay will try again'),
  };
}
