import type { ModuleRef } from '@nestjs/core';
import type { Clock, MessagingOptions } from '@waybill/messaging';
import type { ChannelCounts, Log, Tracing } from '@waybill/observability';
import type { DataSource } from 'typeorm';
import type { PausedChannels } from './channels/paused-channels.ts';
import type { FaultPoints } from './faults/fault-points.ts';
import { faultyBrokers } from './faults/faulty-broker.ts';
import type { OutgoingRequests } from './grpc/service-grpc.ts';
import type { Host } from './host.ts';
import type { ServiceOptions } from './service-options.ts';
import type { ServiceSettings } from './service-settings.ts';

/** The options of the messaging of a service. */
export function messagingOptions(
  options: ServiceOptions,
  host: Host,
  { host: { groupPartitions: partitions, profile, deployed } }: ServiceSettings,
  clock: Clock,
  log: Log,
  observer: ChannelCounts,
  { requests }: OutgoingRequests,
  { tracer }: Tracing,
  dataSource: DataSource,
  faultPoints: FaultPoints | null,
  paused: PausedChannels,
  providers: ModuleRef,
): MessagingOptions {
  const { name: service, lacks, seed } = options;
  return {
    service,
    brokers: faultyBrokers(host.brokers, faultPoints, { service, clock }),
    // The code that made the brokers closes them, because services of one process share them.
    closeBrokers: false,
    clock,
    log,
    observer,
    tracer,
    partitions,
    ...profile,
    requests,
    faults: faultPoints,
    paused: async () => new Set((await paused.read()).keys()),
    declare: host.declare ?? true,
    ...(host.declared ? { declared: host.declared } : {}),
    ...(lacks ? { lacks: () => lacks(dataSource) } : {}),
    started: async (submitter) => {
      if (!seed || !(host.seed ?? !deployed)) return;
      await seed({
        dataSource,
        submit: (message, how) => submitter.submit(message, how),
        get: (provider) => providers.get(provider, { strict: false }),
      });
    },
  };
}
