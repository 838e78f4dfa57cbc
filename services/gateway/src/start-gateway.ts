import {
  type Certificate,
  createApp,
  DevelopmentIssuer,
  mergeOpenApi,
  openApiOf,
  ServiceTokens,
  serveDocs,
} from '@waybill/http';
import { CLOCK, type Clock, systemClock } from '@waybill/messaging';
import { createLog, Metrics } from '@waybill/observability';
import {
  accessConfig,
  type Environment,
  openDevelopmentIssuer,
  readSettings,
  SystemFaults,
  SystemOperations,
  verifierFrom,
} from '@waybill/service';
import { gatewayConfig } from './gateway.config.ts';
import { gatewayModule } from './gateway.module.ts';
import { Gateway } from './gateway.ts';
import { OrderOwner } from './order-owner.ts';
import { behindHop } from './remote/behind-hop.ts';
import { openSharedCounts } from './shared-counts.ts';
import { type Upstream, Upstreams } from './upstreams/upstream.ts';

/** Milliseconds that responses may take during shutdown: of a process that is only a gateway, and of the whole system. */
const longestAnswer = { alone: 8_000, within: 5_000 };

export interface GatewayHost {
  readonly env: Environment;
  readonly upstreams: readonly Upstream[];
  readonly orderOwner: OrderOwner;
  readonly listen: { readonly host: string; readonly port: number };
  /** The certificate to serve TLS with; default: no TLS. */
  readonly certificate?: Certificate | null;
  readonly clock?: Clock;
  /** The services are in other processes, and may not respond in time. */
  readonly hop?: boolean;
}

export interface RunningGateway {
  readonly url: string;
  /** Call it before `close`: clients move elsewhere with their next request. */
  leave(): void;
  close(): Promise<void>;
}

/** Starts the public entry point of the system, in front of running services. */
export async function startGateway(host: GatewayHost): Promise<RunningGateway> {
  const { env, upstreams } = host;
  const clock = host.clock ?? systemClock;
  const [access, settings] = readSettings('gateway', env, [accessConfig, gatewayConfig]);
  const metrics = new Metrics('gateway');
  const log = createLog({ service: 'gateway', level: 'warn' });
  const issuer = access.issuer ? null : await openDevelopmentIssuer(access, env, clock);
  const own = await createApp({
    module: gatewayModule(issuer, [
      { provide: CLOCK, useValue: clock },
      { provide: Metrics, useValue: metrics },
      { provide: Upstreams, useValue: new Upstreams(upstreams) },
      {
        provide: SystemOperations,
        useValue: new SystemOperations(upstreams.map(({ operations }) => operations)),
      },
      {
        provide: SystemFaults,
        useValue: new SystemFaults(upstreams.map(({ operations }) => operations)),
      },
      { provide: OrderOwner, useValue: host.orderOwner },
      ...(issuer ? [{ provide: DevelopmentIssuer, useValue: issuer }] : []),
    ]),
    log,
    clock,
    metrics,
    verifier: issuer ? issuer.verifier() : await verifierFrom(access, env, clock),
    serviceTokens: new ServiceTokens('gateway', access.serviceSecret, clock),
  });
  serveDocs(own.fastify, async () => {
    const parts = await Promise.allSettled(upstreams.map((upstream) => upstream.document()));
    const known = parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
    const ours = openApiOf(own.app, 'Waybill', { standsAlone: true });
    const document = mergeOpenApi([ours, ...known]);
    return {
      document: host.hop ? behindHop(document) : document,
      whole: known.length === upstreams.length,
    };
  });
  await own.app.init();
  await own.fastify.ready();
  const { rateLimit } = settings;
  const counts = await openSharedCounts(settings.redis, rateLimit, (what, error) =>
    log.warn({ error }, what),
  );
  const gateway = new Gateway({
    own,
    upstreams,
    rateLimit,
    counts,
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
      await gateway.close();
      await counts?.close();
      await own.app.close();
    },
  };
}
