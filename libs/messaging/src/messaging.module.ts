import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Brokers } from './brokers.ts';
import { systemClock } from './clock.ts';
import { BrokerIngest, Ingest } from './ingest.ts';
import { MESSAGING_OPTIONS, Messaging, type MessagingOptions } from './messaging.ts';
import { BrokerRequests, Requests } from './requests.ts';
import { MessagingStrategy } from './strategy.ts';
import { Submitter } from './submitter.ts';

/** Makes the options by a factory with injected providers. */
export interface MessagingAsyncOptions extends Pick<FactoryProvider<MessagingOptions>, 'inject'> {
  readonly imports?: DynamicModule['imports'];
  readonly useFactory: FactoryProvider<MessagingOptions>['useFactory'];
}

const from = ({ service, clock = systemClock, observer }: MessagingOptions) => ({
  source: service,
  clock,
  observer,
});

/** Closes the brokers after the relay, which closes before the application shuts down. */
@Injectable()
class BrokerConnections implements OnApplicationShutdown {
  constructor(@Inject(MESSAGING_OPTIONS) private readonly options: MessagingOptions) {}

  async onApplicationShutdown(): Promise<void> {
    const { brokers, closeBrokers = true } = this.options;
    if (closeBrokers) await brokers.close();
  }
}

/**
 * Subscribes and publishes for every provider with a method marked with `@Handles()`. Needs a `Storage`, which
 * `PersistenceModule` provides. No message flows before `startAllMicroservices` has started `MessagingStrategy`.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    Messaging,
    MessagingStrategy,
    BrokerConnections,
    { provide: Submitter, useExisting: Messaging },
    {
      provide: Brokers,
      inject: [MESSAGING_OPTIONS],
      useFactory: ({ brokers }: MessagingOptions) => brokers,
    },
    {
      provide: Requests,
      inject: [MESSAGING_OPTIONS],
      useFactory: (options: MessagingOptions) =>
        options.requests ?? new BrokerRequests(options.brokers, from(options)),
    },
    {
      provide: Ingest,
      inject: [MESSAGING_OPTIONS],
      useFactory: (options: MessagingOptions) => new BrokerIngest(options.brokers, from(options)),
    },
  ],
  exports: [Messaging, MessagingStrategy, Submitter, Brokers, Requests, Ingest],
})
export class MessagingModule {
  /** Without options, it uses the `MESSAGING_OPTIONS` that a global module provides. */
  static forRoot(options?: MessagingOptions): DynamicModule {
    if (!options) return { module: MessagingModule };
    return {
      module: MessagingModule,
      providers: [{ provide: MESSAGING_OPTIONS, useValue: options }],
    };
  }

  static forRootAsync({
    imports = [],
    inject = [],
    useFactory,
  }: MessagingAsyncOptions): DynamicModule {
    return {
      module: MessagingModule,
      imports,
      providers: [{ provide: MESSAGING_OPTIONS, inject, useFactory }],
    };
  }
}
