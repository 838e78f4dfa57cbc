import { type Group, systemClock } from '@waybill/messaging';
import { verifierFrom } from './access.ts';
import { grpcConfig } from './config/grpc.config.ts';
import { accessConfig, hostConfig } from './config/host.config.ts';
import { readSettings } from './config/read-settings.ts';
import { tlsConfig } from './config/tls.config.ts';
import { refuseUnaskable } from './grpc/service-grpc.ts';
import { createLog } from './observe/log.ts';
import { openStorage, type StorageGround } from './open-storage.ts';
import type { Host, PreparedService, RunningService } from './running-service.ts';
import type { ServiceDefinition } from './service-definition.ts';
import { putTogether, type ServiceGround } from './service-parts.ts';
import { ServiceRun } from './service-run.ts';
import type { Storage } from './storage.ts';

/** Opens the database of a service; tests may bring another. */
export type OpenStorage = (ground: StorageGround) => Promise<Storage>;

/** How a service is started alone. */
export interface StartOptions {
  /** Default: PostgreSQL, embedded or by its URL. */
  readonly open?: OpenStorage;
  /** Groups that hear what this service says; its own may be among them, and are declared anyway. Default none. */
  readonly others?: readonly Group[];
}

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

/**
 * Starts a service alone: prepares it, declares its own groups and those of `others`, and lets it flow. The brokers
 * answer while the service is put together.
 */
export async function startService<C>(
  definition: ServiceDefinition<C>,
  host: Host,
  { open = openStorage, others = [] }: StartOptions = {},
): Promise<RunningService> {
  const [declared, prepared] = await Promise.allSettled([
    host.brokers.declare(others),
    prepareService(definition, host, open),
  ]);
  if (prepared.status === 'rejected') {
    // A broker that refuses us is no matter of waiting, as a database may be.
    throw declared.status === 'rejected' ? declared.reason : prepared.reason;
  }
  try {
    if (declared.status === 'rejected') throw declared.reason;
    await host.brokers.declare(prepared.value.groups);
  } catch (error) {
    await prepared.value.close();
    throw error;
  }
  return prepared.value.start();
}

async function layGround(
  definition: ServiceDefinition,
  host: Host,
  open: OpenStorage,
): Promise<ServiceGround> {
  const { name } = definition;
  const [hostSettings, access, grpc, tls, settings] = readSettings(name, host.env, [
    hostConfig,
    accessConfig,
    grpcConfig,
    tlsConfig,
    definition.config,
  ]);
  refuseUnaskable(definition, host.brokers, grpc);
  const clock = host.clock ?? systemClock;
  const log = createLog({ service: name, level: hostSettings.logLevel });
  const verifier = host.tokenVerifier ?? (await verifierFrom(access, host.env, clock));
  const storage = await open({ definition, settings: hostSettings, host, log });
  // What is hosted in another's process has no door of its own.
  const certificate = host.listen === null ? null : tls.certificate;
  const ground = { definition, host, settings, hostSettings, access, grpc, certificate };
  return { ...ground, clock, log, storage, verifier };
}
