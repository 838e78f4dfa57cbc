import type { ConsumerOptions } from '@waybill/messaging';
import type { ProfileName } from '../brokers/broker-settings.config.ts';

/**
 * What a service trades by `PROFILE`: how long a batch that is not full waits for more, how many messages it holds at most, and how many
 * of a group are in hand at once. What brokers trade is beside their settings.
 */
export const profiles: Readonly<
  Record<ProfileName, Required<Pick<ConsumerOptions, 'gather' | 'batchSize' | 'prefetch'>>>
> = {
  latency: { gather: 0, batchSize: 200, prefetch: 400 },
  throughput: { gather: 10, batchSize: 500, prefetch: 1_000 },
};
