import { systemClock } from '@waybill/messaging';
import { verifierFrom } from './access.ts';
import { grpcConfig } from './config/grpc.config.ts';
import { accessConfig, hostConfig } from './config/host.config.ts';
import { readSettings } from './config/read-settings.ts';
import { createLog } from './observe/log.ts';
import { openStorage, type StorageGround } from './open-storage.ts';
import type { Host, PreparedService, RunningService } from './running-service.ts';
import type { ServiceDefinition } from './service-definition.ts';
import { putTogether, type ServiceGround } from './service-parts.ts';
import { ServiceRun } from './service-run.ts';
import type { Storage } from './storage.ts';

/** Opens the database of a service; tests may bring another. */
export type OpenStorage = (ground: StorageGround) => Promise<Storage>;

/**
 * Reads the settings (`InvalidConfig` tells all that is wrong), opens the database, migrates it if the host says
 * so, and puts the service together. Nothing flows before `start`.
 */
export async function prepareService<C>(
  definition: ServiceDefinition<C>,
  host: Host,
  open: OpenStorage = openStorage,
): Promise<PreparedService> {
  const ground = await layGround(definition as ServiceDefinition, host, open);
  try {
    if (host.migrate) await ground.storage.migrate();
    const run = new ServiceRun(await putTogether(ground));
    return {
      name: definition.name,
      groups: run.groups(),
      start: () => run.start(),
      close: () => run.close(),
    };
  } catch (error) {
    await ground.storage.close();
    throw error;
  }
}

/** Starts a service alone: prepares it, declares its own groups, and lets it flow. */
export async function startService<C>(
  definition: ServiceDefinition<C>,
  host: Host,
  open: OpenStorage = openStorage,
): Promise<RunningService> {
  const prepared = await prepareService(definition, host, open);
  try {
    await host.brokers.declare(prepared.groups);
  } catch (error) {
    await prepared.close();
    throw error;
  }
  return prepared.start();
}

async function layGround(
  definition: ServiceDefinition,
  host: Host,
  open: OpenStorage,
): Promise<ServiceGround> {
  const { name } = definition;
  const [hostSettings, access, grpc, settings] = readSettings(name, host.env, [
    hostConfig,
    accessConfig,
    grpcConfig,
    definition.config,
  ]);
  const clock = host.clock ?? systemClock;
  const log = createLog({ service: name, level: hostSettings.logLevel });
  const verifier = host.tokenVerifier ?? (await verifierFrom(access, host.env, clock));
  const storage = await open({ definition, settings: hostSettings, host, log });
  return { definition, host, settings, hostSettings, access, grpc, clock, log, storage, verifier };
}
