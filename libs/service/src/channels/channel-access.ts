import type { ShownMessage } from '@waybill/dead-letter';
import type { SeekTarget } from '@waybill/messaging';

/** A message that a group has not acknowledged yet, as an operator may see it. */
export interface BrowsedMessage extends ShownMessage {
  readonly service: string;
  readonly group: string;
  readonly channel: string;
  readonly partition: number;
  /** Null where the broker does not number messages. */
  readonly offset: number | null;
  /** A consumer has it, and has not settled it. */
  readonly inFlight: boolean;
}

/** How many messages of a channel were removed that waited for a group. */
export interface Purged {
  readonly service: string;
  readonly group: string;
  readonly purged: number;
}

/**
 * The channels that one service subscribes to, wherever it runs. Nothing happens at a service that does not subscribe to
 * the channel. Rejects with `NotSupported` for what its broker cannot do, with `GroupInUse` for what needs a pause first.
 */
export interface ChannelAccess {
  /** At most `limit` waiting messages of each group, oldest first in each partition. */
  browse(channel: string, limit: number): Promise<readonly BrowsedMessage[]>;
  /** Stops its groups that subscribe to the channel; here at once, in other replicas within seconds. Resolves with their names. */
  pause(channel: string, by: string): Promise<readonly string[]>;
  resume(channel: string, by: string): Promise<readonly string[]>;
  /** Moves a group in all its channels. */
  seek(group: string, to: SeekTarget, by: string): Promise<void>;
  /** Removes what waits at the broker for its groups. */
  purge(channel: string, by: string): Promise<readonly Purged[]>;
}
