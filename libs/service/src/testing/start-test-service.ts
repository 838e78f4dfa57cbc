import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Storage } from '@waybill/messaging';
import type { MemoryStorage } from '@waybill/messaging/testing';
import { DataSource } from 'typeorm';
import type { Host } from '../host.ts';
import { hosted } from '../hosted.ts';
import { startApp } from '../prepare-service.ts';
import type { RunningService } from '../running-service.ts';
import type { ServiceModuleClass } from '../service-options.ts';

/** Starts a service that stores in memory. */
export async function startTestService(
  service: ServiceModuleClass,
  host: Host,
  storage: MemoryStorage,
): Promise<RunningService> {
  const { module, adapter, options } = hosted(service, host);
  const testing = await Test.createTestingModule({ imports: [module] })
    .overrideProvider(Storage)
    .useValue(storage)
    .overrideProvider(DataSource)
    .useValue(emptyDatabase())
    .compile();
  return startApp(testing.createNestApplication<NestFastifyApplication>(adapter, options));
}

/** A data source whose queries return nothing. */
export function emptyDatabase(): DataSource {
  const dataSource = new DataSource({ type: 'postgres' });
  // One statement returns a result, several return a list of results.
  const nothing = Object.assign([], { rows: [], rowCount: 0 });
  Object.assign(dataSource.driver, { master: { query: async () => nothing, on: () => {} } });
  return Object.assign(dataSource, { query: async () => [] });
}
