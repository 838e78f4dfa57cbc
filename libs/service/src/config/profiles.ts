import type { ConsumerOptions } from '@waybill/messaging';
import type { ProfileName } from '../brokers/broker-settings.config.ts';

/**
 * The settings that `PROFILE` chooses for a service: how long a partial batch waits for more messages, how many it holds at
 * most, and how many messages of a group are in progress at once. The brokers' part is beside their settings.
 */
export const profiles: Readonly<
  Record<ProfileName, Required<Pick<ConsumerOptions, 'gather' | 'batchSize' | 'prefetch'>>>
> = {
  latency: { gather: 0, batchSize: 200, prefetch: 400 },
  throughput: { gather: 10, batchSize: 500, prefetch: 1_000 },
};
