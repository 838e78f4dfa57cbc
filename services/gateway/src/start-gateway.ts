import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { asyncApiText } from '@waybill/contracts/topology';
import {
  Draining,
  HttpDoor,
  mergeOpenApi,
  openApiOf,
  ServerErrors,
  ServiceAdapter,
  serveDocs,
} from '@waybill/http';
import { LOGGER, type Log, NestLog } from '@waybill/observability';
import { readSettings } from '@waybill/service';
import { ACCEPTS } from './accepts.ts';
import { callerBehind } from './caller-address.ts';
import { gatewayConfig } from './gateway.config.ts';
import { GatewayModule } from './gateway.module.ts';
import { Gateway } from './gateway.ts';
import type { GatewayHost } from './gateway-host.ts';
import { serveWebPages } from './http/web-pages.ts';
import { InactiveCustomers } from './inactive/inactive-customers.ts';
import { behindHop } from './remote/behind-hop.ts';
import { openSharedCounts } from './shared-counts.ts';
import { SocketAdapter } from './ws/socket-adapter.ts';
import { SOCKET_SERVER, SocketDoor } from './ws/socket-door.ts';
import { SocketMetrics } from './ws/socket-metrics.ts';

/** Milliseconds that responses may take during shutdown: of a process that is only a gateway, and of the whole system. */
const longestAnswer = { alone: 8_000, within: 5_000 };

export interface RunningGateway {
  readonly url: string;
  /** Call it before `close`: clients move elsewhere with their next request. */
  leave(): void;
  close(): Promise<void>;
}

/** Starts the public entry point of the system, in front of running services. */
export async function startGateway(host: GatewayHost): Promise<RunningGateway> {
  const [{ rateLimit, trustedProxies, redis }] = readSettings('gateway', host.env, [gatewayConfig]);
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.forRoot(host),
    new ServiceAdapter(null),
    { logger: false, abortOnError: false },
  );
  const log = app.get<Log>(LOGGER);
  app.useLogger(new NestLog(log));
  app.useWebSocketAdapter(new SocketAdapter(app.get(SOCKET_SERVER), app.get(SocketMetrics)));
  serveMergedDocs(app, host);
  serveMessages(app);
  serveWebPages(app.get(HttpDoor).fastify);
  await app.init();
  const own = app.get(HttpDoor);
  await own.fastify.ready();
  const counts = await openSharedCounts(redis, rateLimit, (what, error) =>
    log.warn({ error }, what),
  );
  const gateway = new Gateway({
    own,
    upstreams: host.upstreams,
    rateLimit,
    callerAddress: callerBehind(trustedProxies),
    counts,
    inactive: app.get(InactiveCustomers),
    sockets: app.get(SocketDoor),
    accepts: app.get(ACCEPTS),
    errors: app.get(ServerErrors),
    longestAnswer: host.hop ? longestAnswer.alone : longestAnswer.within,
    certificate: host.certificate ?? null,
  });
  const url = await gateway.listen(host.listen.host, host.listen.port).catch(async (error) => {
    await counts?.close();
    throw error;
  });
  return {
    url,
    leave: () => gateway.leave(),
    close: async () => {
      // Otherwise the gateway would wait for its own streams.
      app.get(Draining).begin();
      await gateway.close();
      await counts?.close();
      await app.close();
    },
  };
}

/** Serves the AsyncAPI document of all messages and of the WebSocket, without a token. */
function serveMessages(app: NestFastifyApplication): void {
  const document = asyncApiText();
  app
    .get(HttpDoor)
    .fastify.get('/asyncapi.json', (_request, reply) =>
      reply.header('content-type', 'application/json; charset=utf-8').send(document),
    );
}

/** Serves one API document of the gateway's routes and those of the services that respond. */
function serveMergedDocs(app: NestFastifyApplication, { upstreams, hop }: GatewayHost): void {
  serveDocs(app.get(HttpDoor).fastify, async () => {
    const parts = await Promise.allSettled(upstreams.map((upstream) => upstream.document()));
    const known = parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
    const ours = openApiOf(app, 'Waybill', { standsAlone: true });
    const document = mergeOpenApi([ours, ...known]);
    return {
      document: hop ? behindHop(document) : document,
      whole: known.length === upstreams.length,
    };
  });
}
