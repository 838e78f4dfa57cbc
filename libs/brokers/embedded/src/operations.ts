import { type BrokerOperations, NotSupported, type WaitingMessage } from '@waybill/messaging';
import type { EmbeddedGroup } from './embedded-group.ts';

/** What operators may do with the messages in the memory of the process. */
export class EmbeddedOperations implements BrokerOperations {
  constructor(private readonly groupNamed: (name: string) => EmbeddedGroup) {}

  async browse(group: string, channel: string, limit: number): Promise<readonly WaitingMessage[]> {
    const entries = this.groupNamed(group).waitingOn(channel).slice(0, limit);
    return entries.map(({ message, partition, inFlight }) => ({
      channel,
      group,
      partition,
      offset: null,
      body: message.body,
      inFlight,
    }));
  }

  /** Commits what it removes, so that its sender forgets it. */
  async purge(group: string, channel: string): Promise<number> {
    const found = this.groupNamed(group);
    const waiting = found.waitingOn(channel).filter(({ inFlight }) => !inFlight);
    for (const entry of waiting) found.commit(entry);
    return waiting.length;
  }

  async seek(group: string): Promise<void> {
    throw new NotSupported(
      'embedded',
      `move group ${group}`,
      'it keeps no message that every group has committed',
    );
  }
}
