import { setTimeout as pause } from 'node:timers/promises';
import { catalogueApi, ratesApi } from '@waybill/contracts/grpc';
import { ServerErrors, ServiceTokens } from '@waybill/http';
import { systemClock } from '@waybill/messaging';
import { createLog, type Tracing } from '@waybill/observability';
import type { RedisBroker } from '@waybill/redis';
import type { Running } from '@waybill/resilience/process';
import {
  type AccessConfig,
  accessConfig,
  type Environment,
  InvalidConfig,
  LiveUpdates,
  openTracing,
  plaintextProblems,
  readSettings,
  settingProblems,
  settingsOf,
  type TlsConfig,
  tlsConfig,
  tracingConfig,
  type Waiting,
  whenAble,
} from '@waybill/service';
import { gatewayConfig } from './gateway.config.ts';
import {
  type GatewayProcessConfig,
  gatewayProcessConfig,
  type ServedName,
  servedNames,
} from './gateway-process.config.ts';
import { RemoteActivity } from './remote/remote-activity.ts';
import { RemoteAvailability } from './remote/remote-availability.ts';
import { RemoteHealthReceiver } from './remote/remote-health-receiver.ts';
import { RemoteOrderFeeds } from './remote/remote-order-feeds.ts';
import { RemoteOrders } from './remote/remote-orders.ts';
import { RemoteQuotes } from './remote/remote-quotes.ts';
import { RemoteUpstream } from './remote/remote-upstream.ts';
import { Replicas } from './remote/replicas.ts';
import { ServiceDoor } from './remote/service-door.ts';
import { startGateway } from './start-gateway.ts';

/** The problems in the settings of the gateway as its own process, one line each. */
export function gatewayProblems(env: Environment): readonly string[] {
  const schemas = [accessConfig, tlsConfig, tracingConfig, gatewayProcessConfig, gatewayConfig];
  const settings = [...new Set(schemas.flatMap(settingsOf))];
  return [...settingProblems(env, schemas), ...plaintextProblems(env, settings)];
}

/** Starts the gateway in front of services in other processes, whether or not they are up yet. */
export async function runGateway(
  env: Environment,
  waiting: Pick<Waiting, 'say' | 'stopped'>,
): Promise<Running> {
  const problems = gatewayProblems(env);
  if (problems.length > 0) throw new InvalidConfig('gateway', problems);
  const [access, tls, settings] = readSettings('gateway', env, [
    accessConfig,
    tlsConfig,
    gatewayProcessConfig,
  ]);
  const patienceMs = settings.startPatienceMs;
  return whenAble(() => startOnce(env, access, tls, settings), { ...waiting, patienceMs });
}

async function startOnce(
  env: Environment,
  access: AccessConfig,
  tls: TlsConfig,
  settings: GatewayProcessConfig,
): Promise<Running> {
  const clock = systemClock;
  const tokens = new ServiceTokens('gateway', access.serviceSecret, clock);
  const { answerMs } = settings;
  const doorTo = (name: ServedName): ServiceDoor =>
    new ServiceDoor(name, new Replicas(settings.urls[name], { answerMs }), tokens);
  const doors = servedNames.map(doorTo);
  const knownDoor = (name: ServedName) => doors[servedNames.indexOf(name)] as ServiceDoor;
  const tracing = await tracingBy(env);
  const errors = new ServerErrors(ownLog(), clock);
  const upstreams = doors.map((door) => new RemoteUpstream(door, tracing, errors));
  // Loaded here, because a process that has the services itself does without.
  const { GrpcCaller } = await import('@waybill/grpc/client');
  const token = () => tokens.issue();
  const { grpcUrls } = settings;
  const inventory = new GrpcCaller({ api: catalogueApi, url: grpcUrls.inventory, token });
  const shipping = new GrpcCaller({ api: ratesApi, url: grpcUrls.shipping, token });
  const live = await liveUpdates(env);
  const close = async (): Promise<void> => {
    await live?.close();
    inventory.close();
    shipping.close();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  };
  try {
    await Promise.all(upstreams.map((upstream) => upstream.start(clock)));
    const gateway = await startGateway({
      env,
      upstreams,
      orderOwner: new RemoteOrders(knownDoor('order')),
      orderFeeds: new RemoteOrderFeeds(knownDoor('order')),
      availability: new RemoteAvailability(inventory),
      quotes: new RemoteQuotes(shipping),
      activity: new RemoteActivity(knownDoor('customer')),
      healthReceiver: new RemoteHealthReceiver(knownDoor('notification')),
      live: live && new LiveUpdates({ brokerFor: () => live }),
      listen: settings.listen,
      certificate: tls.certificate,
      clock,
      tracing,
      hop: true,
    });
    return {
      url: gateway.url,
      leave: async () => {
        if (settings.drainDelayMs === 0) return;
        gateway.leave();
        await pause(settings.drainDelayMs);
      },
      close: async () => {
        await gateway.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const ownLog = () => createLog({ service: 'gateway', level: 'warn' });

function tracingBy(env: Environment): Promise<Tracing> {
  const [traced] = readSettings('gateway', env, [tracingConfig]);
  return openTracing(traced, { service: 'gateway', log: ownLog() });
}

/** Live updates as Redis carries them; null without Redis. */
async function liveUpdates(env: Environment): Promise<RedisBroker | null> {
  const [{ redis }] = readSettings('gateway', env, [gatewayConfig]);
  if (!redis) return null;
  const { redisBroker } = await import('@waybill/redis');
  return redisBroker({ ...redis, service: 'gateway' });
}
