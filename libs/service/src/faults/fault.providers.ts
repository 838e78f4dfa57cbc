import type { Provider } from '@nestjs/common';
import { CLOCK, type Clock, Messaging } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { poolOf } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { HOST, type Host } from '../host.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { ServiceSettings } from '../service-settings.ts';
import { FAULTS } from '../tokens.ts';
import { FaultPoints } from './fault-points.ts';
import { ServiceFaults } from './service-faults.ts';

/** The faults of a service. Where they are not allowed there are no points, so nothing checks for a fault. */
export const faultProviders: Provider[] = [
  {
    provide: FAULTS,
    inject: [ServiceSettings],
    useFactory: ({ faults }: ServiceSettings) => (faults.allowed ? new FaultPoints() : null),
  },
  {
    provide: ServiceFaults,
    inject: [SERVICE_OPTIONS, FAULTS, HOST, Messaging, DataSource, CLOCK, LOGGER],
    useFactory: (
      { name: service }: ServiceOptions,
      points: FaultPoints | null,
      { exclusive = false }: Host,
      messaging: Messaging,
      dataSource: DataSource,
      clock: Clock,
      log: Log,
    ) =>
      new ServiceFaults({
        service,
        points,
        groups: () => messaging.consumer.groups().map(({ name }) => name),
        pool: () => poolOf(dataSource),
        clock,
        log,
        exclusive,
      }),
  },
];
