import { type BrokerOperations, NotSupported, type WaitingMessage } from '@waybill/messaging';
import { queuesOf } from './bindings.ts';
import type { Names } from './names.ts';
import type { Topology } from './topology.ts';

/** What operators may do with the queues of a group. */
export class RabbitMqOperations implements BrokerOperations {
  constructor(
    private readonly topology: Topology,
    private readonly names: Names,
  ) {}

  async browse(_group: string, channel: string): Promise<readonly WaitingMessage[]> {
    throw new NotSupported(
      'rabbitmq',
      `show the messages of ${channel}`,
      'it shows a message only by delivering it, to the one active consumer of its queue, and gives it up after some deliveries',
    );
  }

  /** Messages that RabbitMQ has delivered to a consumer stay. */
  async purge(name: string, channel: string): Promise<number> {
    const group = this.topology.group(name);
    const others = group.bindings.filter((binding) => binding.channel !== channel);
    if (others.length > 0)
      throw new NotSupported(
        'rabbitmq',
        `purge ${channel}`,
        `the queues of group ${name} also have the messages of ${[...new Set(others.map((each) => each.channel))].join(', ')}`,
      );
    return this.topology.withDeclarer(async (declarer) => {
      let purged = 0;
      for (const queue of queuesOf(group, this.names))
        purged += (await declarer.run((open) => open.purgeQueue(queue.name))).messageCount;
      return purged;
    });
  }

  async seek(group: string): Promise<void> {
    throw new NotSupported(
      'rabbitmq',
      `move group ${group}`,
      'its queues keep no message that was acknowledged',
    );
  }
}
