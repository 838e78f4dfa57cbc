import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Draining, HttpDoor } from '@waybill/http';
import { type Group, Messaging, MessagingStrategy, Storage } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { Health, LOGGER, Metrics } from '@waybill/observability';
import { DataSource } from 'typeorm';
import { GRPC_TRANSPORT, GrpcDoor } from './grpc/service-grpc.ts';
import { HOST, type Host } from './host.ts';
import { hosted } from './hosted.ts';
import { OPERATIONS } from './ops/operations.ts';
import type { PreparedService, RunningService } from './running-service.ts';
import { SelfDescription } from './self-description.ts';
import {
  SERVICE_OPTIONS,
  type ServiceModuleClass,
  type ServiceOptions,
} from './service-options.ts';
import { ServiceSettings } from './service-settings.ts';

/**
 * Makes the application of a service, which opens its database and migrates it if the host says so. No messages or requests are
 * processed before `start`.
 */
export async function prepareService(
  service: ServiceModuleClass,
  host: Host,
): Promise<PreparedService> {
  const { module, adapter, options } = hosted(service, host);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  try {
    return {
      name: app.get<ServiceOptions>(SERVICE_OPTIONS).name,
      groups: app.get(Messaging).groups(),
      start: () => startApp(app),
      close: () => app.close(),
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Starts a service alone: prepares it, declares its own groups and those of `others`, and starts it. */
export async function startService(
  service: ServiceModuleClass,
  host: Host,
  others: readonly Group[] = [],
): Promise<RunningService> {
  const declared = host.brokers.declare(others);
  // Waiting does not fix a broker's refusal, unlike a database's, so the broker's error takes precedence over the application's.
  const [refused, prepared] = await Promise.allSettled([
    declared,
    prepareService(service, { ...host, declared }),
  ]);
  if (prepared.status === 'rejected')
    throw refused.status === 'rejected' ? refused.reason : prepared.reason;
  return prepared.value.start();
}

/** Starts an application, which then listens where its host says; closes it if the start fails. */
export async function startApp(app: NestFastifyApplication): Promise<RunningService> {
  try {
    app.connectMicroservice({ strategy: app.get(MessagingStrategy) });
    const grpc = app.get(GRPC_TRANSPORT);
    if (grpc) app.connectMicroservice({ strategy: grpc });
    await app.init();
    await app.startAllMicroservices();
    await listen(app);
    return runningService(app);
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function listen(app: NestFastifyApplication): Promise<void> {
  const { listen: at } = app.get<Host>(HOST);
  if (at === null) {
    await app.getHttpAdapter().getInstance().ready();
    return;
  }
  const { host } = app.get(ServiceSettings);
  const { port = 0 } = app.get<ServiceOptions>(SERVICE_OPTIONS);
  await app.listen(at?.port ?? host.port ?? port, at?.host ?? host.host);
}

/** The handle of a running service; its application has been started. */
export function runningService(app: NestFastifyApplication): RunningService {
  const door = app.get(HttpDoor);
  const health = app.get(Health);
  const messaging = app.get(Messaging);
  const { name } = app.get<ServiceOptions>(SERVICE_OPTIONS);
  const log = app.get<Log>(LOGGER);
  const url = urlOf(app);
  const grpcAddress = app.get(GrpcDoor).address;
  app.get(SelfDescription).of(app);
  log.info({ url, grpc: grpcAddress, routes: door.routes.all().length }, `${name} has started`);
  let closing: Promise<void> | undefined;
  return {
    name,
    app,
    consumer: messaging.consumer,
    relay: app.get(Storage).relay,
    dataSource: app.get(DataSource),
    routes: door.routes,
    groups: messaging.groups(),
    metrics: app.get(Metrics),
    health,
    log,
    operations: app.get(OPERATIONS),
    url,
    grpcAddress,
    dispatch: (request, response) => door.fastify.routing(request, response),
    drain: () => app.get(Draining).begin(),
    leave: () => {
      health.leave();
      door.leave();
    },
    close: () => {
      closing ??= app.close().then(() => log.info(`${name} has stopped`));
      return closing;
    },
  };
}

function urlOf(app: NestFastifyApplication): string | null {
  const at = app.getHttpServer().address() as AddressInfo | null;
  if (!at) return null;
  const scheme = app.get(ServiceSettings).certificate ? 'https' : 'http';
  return `${scheme}://${at.family === 'IPv6' ? `[${at.address}]` : at.address}:${at.port}`;
}
