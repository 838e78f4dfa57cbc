import {
  type BrokerOperations,
  NotSupported,
  type SeekTarget,
  type WaitingMessage,
} from '@waybill/messaging';
import type { EmbeddedGroup } from './embedded-group.ts';
import type { Replay } from './replay.ts';

/** What operators may do with the messages in the memory of the process, and in the log if there is one. */
export class EmbeddedOperations implements BrokerOperations {
  constructor(
    private readonly groupNamed: (name: string) => EmbeddedGroup,
    private readonly replay: Replay | null,
  ) {}

  async browse(group: string, channel: string, limit: number): Promise<readonly WaitingMessage[]> {
    const entries = this.groupNamed(group).waitingOn(channel).slice(0, limit);
    return entries.map(({ message, partition, inFlight, place }) => ({
      channel,
      group,
      partition,
      offset: place?.offset ?? null,
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

  async seek(name: string, to: SeekTarget, channels?: readonly string[]): Promise<void> {
    const group = this.groupNamed(name);
    const kept = this.replay?.keptOf(group) ?? [];
    const wanted = channels ?? kept;
    if (!this.replay || wanted.length === 0 || wanted.some((channel) => !kept.includes(channel)))
      throw new NotSupported(
        'embedded',
        `move group ${name}`,
        this.replay
          ? 'it keeps events and activity only'
          : 'it keeps no message that every group has committed',
      );
    await this.replay.seek(group, to, wanted);
  }
}
