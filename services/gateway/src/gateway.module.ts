import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import {
  AUDIT_TRAIL,
  Draining,
  EdgeModule,
  EventStreams,
  PROBLEM_STATUSES,
  ServiceTokens,
  TOKEN_VERIFIER,
} from '@waybill/http';
import { CLOCK, type Clock, systemClock } from '@waybill/messaging';
import { createLog, Health, LOGGER, Metrics, type Slo, Tracing } from '@waybill/observability';
import {
  accessConfig,
  readSettings,
  SystemAudit,
  SystemChannels,
  SystemFaults,
  SystemMessages,
  SystemOperations,
  verifierFrom,
} from '@waybill/service';
import { ACCEPTS, acceptsSlo } from './accepts.ts';
import { AvailabilityReader } from './availability-reader.ts';
import { CarrierQuotes } from './carrier-quotes.ts';
import { gatewayConfig } from './gateway.config.ts';
import { GATEWAY_HOST, type GatewayHost } from './gateway-host.ts';
import { HEALTH_RECEIVER } from './health-receiver.ts';
import { HealthReporter } from './health-reporter.ts';
import { AvailabilityController } from './http/availability.controller.ts';
import { EventSender } from './http/event-sender.ts';
import { ExportController } from './http/export.controller.ts';
import { HealthController } from './http/health.controller.ts';
import { PersonalExport } from './http/personal-export.ts';
import { QuoteStreamController } from './http/quote-stream.controller.ts';
import { SystemHealth } from './http/system-health.ts';
import { WsController } from './http/ws.controller.ts';
import { AccountActivity } from './inactive/account-activity.ts';
import { InactiveCustomers } from './inactive/inactive-customers.ts';
import { AuditController } from './ops/audit.controller.ts';
import { ChannelsController } from './ops/channels.controller.ts';
import { DeadLettersController } from './ops/dead-letters.controller.ts';
import { ExportsController } from './ops/exports.controller.ts';
import { FaultsController } from './ops/faults.controller.ts';
import { JourneyController } from './ops/journey.controller.ts';
import { MessagesController } from './ops/messages.controller.ts';
import { MetricsController } from './ops/metrics.controller.ts';
import { ProjectionsController } from './ops/projections.controller.ts';
import { OrderFeeds } from './order-feeds.ts';
import { OrderOwner } from './order-owner.ts';
import { Upstreams } from './upstreams/upstream.ts';
import { LIVE, type Live } from './ws/notifications.ts';
import { REDIS_SETTINGS } from './ws/shared-sockets.ts';
import { SOCKET_LIMITS } from './ws/socket.config.ts';
import { SocketModule } from './ws/socket.module.ts';

const accessOf = (host: GatewayHost) => readSettings('gateway', host.env, [accessConfig])[0];
const settingsOf = ({ env }: GatewayHost) => readSettings('gateway', env, [gatewayConfig])[0];

/** What every HTTP edge needs. */
const edge: Provider[] = [
  {
    provide: CLOCK,
    inject: [GATEWAY_HOST],
    useFactory: ({ clock = systemClock }: GatewayHost): Clock => clock,
  },
  { provide: LOGGER, useFactory: () => createLog({ service: 'gateway', level: 'warn' }) },
  { provide: Metrics, useFactory: () => new Metrics('gateway') },
  {
    provide: Tracing,
    inject: [GATEWAY_HOST],
    useFactory: ({ tracing = Tracing.off }: GatewayHost) => tracing,
  },
  {
    provide: TOKEN_VERIFIER,
    inject: [GATEWAY_HOST, CLOCK],
    useFactory: (host: GatewayHost, clock: Clock) =>
      host.tokenVerifier ?? verifierFrom(accessOf(host), clock),
  },
  {
    provide: ServiceTokens,
    inject: [GATEWAY_HOST, CLOCK],
    useFactory: (host: GatewayHost, clock: Clock) =>
      new ServiceTokens('gateway', accessOf(host).serviceSecret, clock),
  },
  { provide: PROBLEM_STATUSES, useValue: {} },
  {
    provide: SOCKET_LIMITS,
    inject: [GATEWAY_HOST],
    useFactory: (host: GatewayHost) => settingsOf(host).sockets,
  },
  {
    provide: REDIS_SETTINGS,
    inject: [GATEWAY_HOST],
    useFactory: (host: GatewayHost) => settingsOf(host).redis,
  },
  {
    provide: EventStreams,
    inject: [GATEWAY_HOST, CLOCK, Draining],
    useFactory: (host: GatewayHost, clock: Clock, draining: Draining) => {
      const streams = new EventStreams(clock, settingsOf(host).streams);
      draining.onBegin(() => streams.close());
      return streams;
    },
  },
];

/** The services behind the gateway. */
const services: Provider[] = [
  {
    provide: Upstreams,
    inject: [GATEWAY_HOST],
    useFactory: ({ upstreams }: GatewayHost) => new Upstreams(upstreams),
  },
  {
    provide: SystemOperations,
    inject: [Upstreams],
    useFactory: ({ all }: Upstreams) => new SystemOperations(all.map((each) => each.operations)),
  },
  {
    provide: SystemChannels,
    inject: [Upstreams],
    useFactory: ({ all }: Upstreams) => new SystemChannels(all.map((each) => each.operations)),
  },
  {
    provide: SystemMessages,
    inject: [Upstreams],
    useFactory: ({ all }: Upstreams) => new SystemMessages(all.map((each) => each.operations)),
  },
  {
    provide: SystemFaults,
    inject: [Upstreams],
    useFactory: ({ all }: Upstreams) => new SystemFaults(all.map((each) => each.operations)),
  },
  {
    provide: SystemAudit,
    inject: [Upstreams],
    useFactory: ({ all }: Upstreams) =>
      new SystemAudit(
        all.map((each) => each.operations),
        'gateway',
      ),
  },
  { provide: AUDIT_TRAIL, useExisting: SystemAudit },
  {
    provide: OrderOwner,
    inject: [GATEWAY_HOST],
    useFactory: ({ orderOwner }: GatewayHost) => orderOwner,
  },
  {
    provide: LIVE,
    inject: [GATEWAY_HOST],
    useFactory: ({ live = null }: GatewayHost): Live => live,
  },
  {
    provide: OrderFeeds,
    inject: [GATEWAY_HOST],
    useFactory: ({ orderFeeds }: GatewayHost) => orderFeeds,
  },
  {
    provide: AccountActivity,
    inject: [GATEWAY_HOST],
    useFactory: ({ activity }: GatewayHost) => activity,
  },
  {
    provide: HEALTH_RECEIVER,
    inject: [GATEWAY_HOST],
    useFactory: ({ healthReceiver }: GatewayHost) => healthReceiver ?? null,
  },
  { provide: ACCEPTS, useFactory: acceptsSlo },
  {
    provide: Health,
    inject: [ACCEPTS],
    useFactory: (accepts: Slo) => {
      const health = new Health('gateway');
      health.add(...accepts.checks());
      return health;
    },
  },
  SystemHealth,
  HealthReporter,
  InactiveCustomers,
  PersonalExport,
  EventSender,
  {
    provide: AvailabilityReader,
    inject: [GATEWAY_HOST],
    useFactory: ({ availability }: GatewayHost) => availability,
  },
  {
    provide: CarrierQuotes,
    inject: [GATEWAY_HOST],
    useFactory: ({ quotes }: GatewayHost) => quotes,
  },
];

/** The gateway's own routes: everything merged from the responses of all services. */
@Module({})
export class GatewayModule {
  static forRoot(host: GatewayHost): DynamicModule {
    const providers = [{ provide: GATEWAY_HOST, useValue: host }, ...edge, ...services];
    return {
      module: GatewayModule,
      global: true,
      imports: [EdgeModule, SocketModule],
      controllers: [
        HealthController,
        AvailabilityController,
        QuoteStreamController,
        WsController,
        AuditController,
        ChannelsController,
        DeadLettersController,
        ExportController,
        FaultsController,
        JourneyController,
        MessagesController,
        MetricsController,
        ProjectionsController,
        ExportsController,
      ],
      providers,
      exports: [
        CLOCK,
        LOGGER,
        Metrics,
        Tracing,
        TOKEN_VERIFIER,
        ServiceTokens,
        PROBLEM_STATUSES,
        AUDIT_TRAIL,
        EdgeModule,
        OrderFeeds,
        InactiveCustomers,
        SOCKET_LIMITS,
        LIVE,
        REDIS_SETTINGS,
      ],
    };
  }
}
