import type { Provider } from '@nestjs/common';
import { Brokers, CLOCK, type Clock, Messaging } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { poolOf } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { HOST, type Host } from '../host.ts';
import { ServiceMessages } from '../messages/service-messages.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { PausedChannels } from './paused-channels.ts';
import { ServiceChannels } from './service-channels.ts';

/** What operators see and do of the channels and messages of a service. */
export const channelProviders: Provider[] = [
  {
    provide: PausedChannels,
    inject: [DataSource],
    useFactory: (dataSource: DataSource) => new PausedChannels(() => poolOf(dataSource)),
  },
  {
    provide: ServiceChannels,
    inject: [SERVICE_OPTIONS, HOST, Messaging, Brokers, PausedChannels, CLOCK, LOGGER],
    useFactory: (
      { name: service }: ServiceOptions,
      { exclusive = false }: Host,
      messaging: Messaging,
      brokers: Brokers,
      paused: PausedChannels,
      clock: Clock,
      log: Log,
    ) => new ServiceChannels({ service, messaging, brokers, paused, clock, log, exclusive }),
  },
  {
    provide: ServiceMessages,
    inject: [SERVICE_OPTIONS, DataSource, Messaging, Brokers],
    useFactory: (
      { name: service }: ServiceOptions,
      dataSource: DataSource,
      messaging: Messaging,
      brokers: Brokers,
    ) =>
      new ServiceMessages({
        service,
        pool: () => poolOf(dataSource),
        groups: () => messaging.groups(),
        brokers,
      }),
  },
];
