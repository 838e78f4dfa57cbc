import { type DynamicModule, Module, type NestApplicationOptions } from '@nestjs/common';
import { ServiceAdapter } from '@waybill/http';
import { createLog, NestLog } from '@waybill/observability';
import type { Host } from './host.ts';
import { GIVEN_HOST } from './service.module.ts';
import { declarationOf, type ServiceModuleClass } from './service-options.ts';
import { ServiceSettings } from './service-settings.ts';

@Module({})
class HostModule {}

@Module({})
class HostedModule {}

/** The arguments for `NestFactory.create`. */
export interface Hosted {
  readonly module: DynamicModule;
  readonly adapter: ServiceAdapter;
  readonly options: NestApplicationOptions;
}

/** Combines a service with its host; throws `InvalidConfig` for invalid settings. Starts nothing. */
export function hosted(service: ServiceModuleClass, host: Host): Hosted {
  const options = declarationOf(service);
  const {
    certificate,
    host: { logLevel: level },
  } = new ServiceSettings(options, host);
  const given = {
    module: HostModule,
    global: true,
    providers: [{ provide: GIVEN_HOST, useValue: host }],
    exports: [GIVEN_HOST],
  };
  return {
    module: { module: HostedModule, imports: [given, service] },
    adapter: new ServiceAdapter(certificate),
    options: {
      logger: new NestLog(createLog({ service: options.name, level })),
      abortOnError: false,
      autoFlushLogs: true,
    },
  };
}
