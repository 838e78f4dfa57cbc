/** A message that a group has not acknowledged yet, as its broker shows it. */
export interface WaitingMessage {
  readonly channel: string;
  readonly group: string;
  readonly partition: number;
  /** Its place in its partition, where the broker numbers messages. */
  readonly offset: number | null;
  readonly body: string;
  /** A consumer has it, and has not settled it. */
  readonly inFlight: boolean;
}

/** Where a group continues: at a time, at an offset of every partition, or at an end. */
export type SeekTarget = Date | number | 'earliest' | 'latest';

/**
 * What operators may do with the messages of a group, beyond publishing and consuming. Rejects with `NotSupported` for
 * what the broker cannot do, and with `GroupInUse` for what it can only do while no process consumes the group.
 */
export interface BrokerOperations {
  /** At most `limit` messages of a channel that wait for a group, in order within each partition. None is removed. */
  browse(group: string, channel: string, limit: number): Promise<readonly WaitingMessage[]>;
  /** Removes the messages of a channel that wait for a group, except those that a consumer holds; resolves with their number. */
  purge(group: string, channel: string): Promise<number>;
  /** Moves a group in these channels, by default all of its: it consumes again what it has consumed, or skips what waits. */
  seek(group: string, to: SeekTarget, channels?: readonly string[]): Promise<void>;
}

/** The broker cannot do this, whatever its state. */
export class NotSupported extends Error {
  readonly code = 'not_supported';
  constructor(
    readonly broker: string,
    action: string,
    reason: string,
  ) {
    super(`${broker} cannot ${action}: ${reason}`);
    this.name = 'NotSupported';
  }
}

/** The broker can do this only while no process consumes the group. */
export class GroupInUse extends Error {
  readonly code = 'group_in_use';
  constructor(broker: string, group: string, reason: string) {
    super(`${broker}: group ${group} is consumed now: ${reason}; pause the channel first`);
    this.name = 'GroupInUse';
  }
}
