import { randomUUID } from 'node:crypto';
import type { Provider } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { LOGGER, type Log } from '@waybill/observability';
import { poolOf, TaskLeases } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { ServiceSettings } from '../service-settings.ts';
import { InvariantCheck } from './invariant-check.ts';
import { Retention } from './retention.ts';
import { Schedule } from './schedule.ts';
import { tasksOf } from './scheduled.ts';

/** The scheduled tasks of a service. */
export const scheduleProviders: Provider[] = [
  Retention,
  InvariantCheck,
  {
    provide: Schedule,
    inject: [DiscoveryService, ServiceSettings, SchedulerRegistry, DataSource, LOGGER],
    useFactory: (
      discovery: DiscoveryService,
      settings: ServiceSettings,
      registry: SchedulerRegistry,
      dataSource: DataSource,
      log: Log,
    ) => {
      const holder = settings.host.instance ?? randomUUID();
      return new Schedule({
        tasks: () => tasksOf(discovery, settings),
        // The pool exists once the data source is connected.
        get leases() {
          return new TaskLeases(poolOf(dataSource), holder);
        },
        registry,
        log,
      });
    },
  },
];
