import { type Outgoing } from '@waybill/messaging';
import type { Confirm } from './confirm.ts';
import type { Place } from './log/log-record.ts';

/** What a group counts for each channel that it subscribes to. */
export interface ChannelCounter {
  readonly channel: string;
  depth: number;
  inFlight: number;
  published: number;
  delivered: number;
  acked: number;
}

/** The messages of one key that a group has not committed yet. */
export interface OpenKey {
  readonly key: string;
  /** Priority level of the last one; a later message never gets a more urgent one, because it would overtake. */
  level: number;
  open: number;
}

/** One message in one group, from publish to commit. */
export class Entry {
  committed = false;
  inFlight = false;
  deliveries = 0;

  constructor(
    readonly counter: ChannelCounter,
    readonly openKey: OpenKey,
    readonly message: Outgoing,
    readonly partition: number,
    /** 0 is the most urgent. */
    readonly level: number,
    readonly sequence: number,
    readonly arrivedAt: number,
    readonly expiresAt: number,
    readonly confirm: Confirm | null,
    /** Where it is in the log; null: it is not kept there. */
    readonly place: Place | null,
  ) {}
}
