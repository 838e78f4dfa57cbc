import type { AddressInfo } from 'node:net';
import type { INestMicroservice } from '@nestjs/common';
import { type Group, MessagingStrategy } from '@waybill/messaging';
import type { RunningService } from './running-service.ts';
import type { ServiceParts } from './service-parts.ts';
import { stopInOrder } from './stop-in-order.ts';

const lookAgainAfter = 1_000;
/** What an answer may take once the service stops. */
const longestAnswer = 2_000;

/** One service from its start to its end. */
export class ServiceRun {
  private state: 'new' | 'working' | 'closed' = 'new';
  private closing: Promise<void> | null = null;
  private cancelLook: () => void = () => {};
  private endMaintenance: () => void = () => {};
  private consumers: INestMicroservice | null = null;
  private grpc: INestMicroservice | null = null;

  constructor(private readonly parts: ServiceParts) {
    parts.health.add({
      name: 'consumer',
      unit: 'not running',
      limit: 1,
      neededToServe: true,
      read: () => (this.state === 'working' ? 0 : 1),
    });
  }

  /** What it must hear. */
  groups(): readonly Group[] {
    return this.parts.messaging.groups();
  }

  async start(): Promise<RunningService> {
    const { definition, hosted, log } = this.parts;
    try {
      this.connect();
      await hosted.app.init();
      await hosted.fastify.ready();
      await this.workOrWait();
      const url = await this.listen();
      const grpc = this.parts.grpcTransport?.address;
      log.info({ url, grpc, routes: hosted.routes.all().length }, `${definition.name} has started`);
      return this.running(url);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Promise<void> {
    this.closing ??= this.stop();
    return this.closing;
  }

  /** The consumer stops before Nest does, so the strategy has nothing left to stop. */
  private connect(): void {
    const { hosted, messaging, grpcTransport } = this.parts;
    this.consumers = hosted.app.connectMicroservice({
      strategy: new MessagingStrategy({ start: () => messaging.start(), stop: async () => {} }),
    });
    if (grpcTransport) this.grpc = hosted.app.connectMicroservice({ strategy: grpcTransport });
  }

  /** A database that is behind is no failure: a migration may be running. The service waits, and is not ready. */
  private async workOrWait(): Promise<void> {
    const { log, clock, definition } = this.parts;
    const missing = await this.missing();
    if (missing.length === 0) return this.work();
    log.warn({ missing }, `the database of ${definition.name} is behind; waiting for a migration`);
    const look = async (): Promise<void> => {
      if (this.state !== 'new') return;
      const still = await this.missing().catch(() => ['an answer of the database']);
      if (this.state === 'new' && still.length === 0) await this.work();
    };
    const lookLater = (): void => {
      if (this.state !== 'new') return;
      this.cancelLook = clock.after(lookAgainAfter, () => {
        look()
          .catch((error: unknown) => log.error({ error }, `cannot start ${definition.name} yet`))
          .then(lookLater);
      });
    };
    lookLater();
  }

  private async missing(): Promise<readonly string[]> {
    const { storage, definition } = this.parts;
    const missing = await storage.missing();
    if (missing.length > 0 || !definition.lacks) return missing;
    return definition.lacks(storage.dataSource);
  }

  /** May be called again after a failure: what has begun already goes on. */
  private async work(): Promise<void> {
    const { storage, submitter, messaging, definition, host, hostSettings } = this.parts;
    this.endMaintenance();
    this.endMaintenance = await storage.maintain();
    await storage.relay.start();
    // Not all of Nest's microservices: gRPC answers that the service is starting as soon as HTTP does.
    await this.consumers?.listen();
    submitter.attach(messaging.consumer);
    this.state = 'working';
    if (!definition.seed || !(host.seed ?? !hostSettings.deployed)) return;
    await definition.seed({
      dataSource: storage.dataSource,
      submit: (message, options) => messaging.consumer.submit(message, options),
    });
  }

  private async listen(): Promise<string | null> {
    const { host, hostSettings, definition, hosted } = this.parts;
    if (host.listen === null) return null;
    const port = hostSettings.port ?? definition.port ?? 0;
    await hosted.fastify.listen(host.listen ?? { host: hostSettings.host, port });
    await this.grpc?.listen();
    const at = hosted.fastify.server.address() as AddressInfo;
    const name = at.family === 'IPv6' ? `[${at.address}]` : at.address;
    return `${this.parts.certificate ? 'https' : 'http'}://${name}:${at.port}`;
  }

  private running(url: string | null): RunningService {
    const { definition, hosted, messaging, storage, metrics, health, log, operations } = this.parts;
    const { grpcTransport, draining } = this.parts;
    return {
      name: definition.name,
      app: hosted.app,
      consumer: messaging.consumer,
      relay: storage.relay,
      dataSource: storage.dataSource,
      routes: hosted.routes,
      groups: messaging.groups(),
      metrics,
      health,
      log,
      operations,
      url,
      grpcAddress: grpcTransport?.address ?? null,
      dispatch: (request, response) => hosted.fastify.routing(request, response),
      drain: () => draining.begin(),
      leave: () => {
        health.leave();
        hosted.leave();
      },
      close: () => this.close(),
    };
  }

  /** Requests in hand need the consumer, the consumer's last batch needs the relay, all need the database. */
  private async stop(): Promise<void> {
    const { messaging, storage, log, definition, hosted } = this.parts;
    this.cancelLook();
    this.endMaintenance();
    const worked = this.state === 'working';
    this.state = 'closed';
    hosted.refuseRequests();
    this.parts.draining.begin();
    await stopInOrder(
      [
        { name: 'requests in hand', within: 2_500, run: () => this.requestsEnd() },
        { name: 'consumer', within: 3_000, run: () => worked && messaging.stop() },
        { name: 'relay', within: 2_000, run: () => worked && storage.relay.close(1_500) },
        { name: 'application', within: 1_000, run: () => this.closeApp() },
        { name: 'database', within: 1_000, run: () => storage.close() },
      ],
      log,
    );
    log.info(`${definition.name} has stopped`);
  }

  private async requestsEnd(): Promise<void> {
    const { hosted, grpcTransport } = this.parts;
    await Promise.all([
      hosted.stopListening(longestAnswer),
      hosted.requests.none(),
      grpcTransport?.stop(longestAnswer),
    ]);
  }

  private async closeApp(): Promise<void> {
    const { hosted, asked } = this.parts;
    asked.close();
    await hosted.app.close();
  }
}
