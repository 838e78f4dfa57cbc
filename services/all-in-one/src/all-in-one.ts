import { AnalyticsModule } from '@waybill/analytics';
import { CustomerModule } from '@waybill/customer';
import { embeddedBroker } from '@waybill/embedded-broker';
import { freePort } from '@waybill/embedded-postgres';
import { localUpstream, startGateway } from '@waybill/gateway';
import { InventoryModule } from '@waybill/inventory';
import { NotificationModule } from '@waybill/notification';
import { OrderModule } from '@waybill/order';
import {
  PAYMENT_PROVIDER,
  PaymentModule,
  type PaymentProvider,
  wantsStripeDouble,
} from '@waybill/payment';
import {
  declarationOf,
  type Environment,
  LiveUpdates,
  openBrokers,
  prepareService,
  type RunningService,
  type ServiceModuleClass,
} from '@waybill/service';
import { type Carrier, Carriers, ShippingModule } from '@waybill/shipping';
import { allInOneConfig } from './all-in-one.config.ts';
import { DataFolder } from './data-folder.ts';
import { LocalActivity } from './local-activity.ts';
import { LocalAvailability } from './local-availability.ts';
import { openLocalBroker } from './local-broker.ts';
import { LocalHealthReceiver } from './local-health-receiver.ts';
import { LocalIssuer } from './local-issuer.ts';
import { LocalOrderFeeds } from './local-order-feeds.ts';
import { LocalOrders } from './local-orders.ts';
import { LocalQuotes } from './local-quotes.ts';
import { SupervisedPostgres } from './postgres.ts';
import { announce } from './running-file.ts';
import { openSandboxes, type ProviderChoice, startSandboxes } from './sandboxes.ts';

/** The running system. */
export interface RunningSystem {
  readonly url: string;
  readonly services: readonly RunningService[];
  /** Resolves when it cannot continue: its process must end. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/** Receives the events of a system. */
export interface SystemListener {
  /** Prints a line for people. */
  log(line: string): void;
  /** Another system has taken the data: this process must end at once. */
  lost(error: Error): void;
}

/**
 * Starts the whole system in this process: a real PostgreSQL with a database per service, the brokers that BROKERS names,
 * the payment provider, the carriers and a mail server as child processes, seven services, and the gateway in front.
 */
export async function startAllInOne(
  env: Environment,
  listener: SystemListener,
): Promise<RunningSystem> {
  const log = (line: string): void => listener.log(line);
  const settings = allInOneConfig(env);
  const port = await freePort(settings.port);
  const data = await DataFolder.open(settings.dataFolder);
  const closing: (() => Promise<void> | void)[] = [() => data.release()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const { brokerFaults: faults } = settings;
    const onTrouble = (what: string, error: Error) => log(`${what}: ${error.message}`);
    const brokers = await openBrokers(env, {
      service: 'all-in-one',
      embedded: async (bounds) => {
        const local = await openLocalBroker(data, { bounds, faults, onTrouble });
        closing.push(() => local.log.close());
        return local.broker;
      },
      // All senders and receivers of requests are in this process.
      requests: () => embeddedBroker(),
      onTrouble,
    });
    closing.push(() => brokers.close());
    const mayBeAnothers = SupervisedPostgres.isRunning(data);
    const startingPostgres = SupervisedPostgres.start(data, listener);
    // The books may belong to a running system, which must not be disturbed; PostgreSQL's lock decides.
    if (mayBeAnothers) await startingPostgres;
    const startingSandboxes =
      settings.sandboxes === 'http'
        ? startSandboxes(data, providerOf(env), `http://127.0.0.1:${port}`, log)
        : openSandboxes(data);
    for (const starting of [startingPostgres, startingSandboxes]) {
      closing.push(() =>
        starting.then(
          (each) => each.stop(),
          () => undefined,
        ),
      );
    }
    const [postgres, sandboxes] = await Promise.all([startingPostgres, startingSandboxes]);

    const { inProcess } = sandboxes;
    const shared = {
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ...env,
      ...sandboxes.env,
      WAYBILL_DATA: data.path,
      LOG_LEVEL: settings.logLevel,
    };
    const issuer = new LocalIssuer(shared);
    const databases: Record<string, string> = {};
    const prepare = async (service: ServiceModuleClass, { isGuest = true } = {}) => {
      const { name } = declarationOf(service);
      const DATABASE_URL = await postgres.database(name);
      databases[name] = DATABASE_URL;
      return prepareService(service, {
        env: { ...shared, DATABASE_URL },
        brokers,
        migrate: true,
        exclusive: true,
        isGuest,
        declare: false,
        listen: null,
        ...issuer.verifying,
      });
    };
    const prepared = await Promise.all([
      // It refuses orders when the disk is full, so it is the one that reports it.
      prepare(OrderModule, { isGuest: false }),
      prepare(InventoryModule),
      prepare(inProcess ? paymentWith(inProcess.provider) : PaymentModule),
      prepare(inProcess ? shippingWith(inProcess.carriers) : ShippingModule),
      prepare(NotificationModule),
      prepare(AnalyticsModule),
      prepare(CustomerModule),
    ]);
    await brokers.declare(prepared.flatMap(({ groups }) => groups));
    const services = await Promise.all(prepared.map((service) => service.start()));
    issuer.isIn(services);
    closing.push(async () => {
      await Promise.all(services.map((service) => service.close()));
    });

    const gateway = await startGateway({
      env: shared,
      upstreams: services.map(localUpstream),
      orderOwner: new LocalOrders(services),
      orderFeeds: new LocalOrderFeeds(services),
      availability: new LocalAvailability(services),
      quotes: new LocalQuotes(services),
      activity: new LocalActivity(services),
      healthReceiver: new LocalHealthReceiver(services),
      live: new LiveUpdates(brokers),
      ...issuer.verifying,
      listen: { host: settings.host, port },
    });
    closing.push(() => gateway.close());
    const { paymentProvider, carriers, mail, failed } = sandboxes;
    closing.push(announce(data, { url: gateway.url, databases, paymentProvider, carriers, mail }));
    return { url: gateway.url, services, failed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const providerOf = (env: Environment): ProviderChoice => {
  if (wantsStripeDouble(env)) return 'stripe';
  return env['PAYMENT_PROVIDER'] === 'stripe' ? 'real' : 'sandbox';
};

/** A provider of a dynamic module replaces the provider with the same token in the module's own metadata. */
const paymentWith = (useValue: PaymentProvider): ServiceModuleClass => ({
  module: PaymentModule,
  providers: [{ provide: PAYMENT_PROVIDER, useValue }],
});

const shippingWith = (carriers: readonly Carrier[]): ServiceModuleClass => ({
  module: ShippingModule,
  providers: [{ provide: Carriers, useValue: new Carriers(carriers) }],
});
