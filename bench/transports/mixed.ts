import type { Message, Transport } from './transport.ts';

/** Events go over Kafka, commands and replies over RabbitMQ, as in the default mix; only notification receives events here. */
export class Mixed implements Transport {
  constructor(
    private readonly asked: Transport,
    private readonly told: Transport,
  ) {}

  send(group: string, messages: readonly Message[]): Promise<void> {
    return this.of(group).send(group, messages);
  }

  consume(group: string, take: (message: Message, settle: () => void) => void): Promise<void> {
    return this.of(group).consume(group, take);
  }

  async close(): Promise<void> {
    await Promise.all([this.asked.close(), this.told.close()]);
  }

  private of(group: string): Transport {
    return group === 'notification' ? this.told : this.asked;
  }
}
