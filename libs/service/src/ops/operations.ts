import type { ChannelReport } from './channels.ts';
import type { JourneyRow } from './journey.ts';

/** What an operator can see and do at one service; a gateway merges the answers of all. */
export interface Operations {
  readonly service: string;
  /** Every subscription of the service. */
  channels(): Promise<readonly ChannelReport[]>;
  /** Every message of a key that the service has seen. */
  journey(key: string): Promise<readonly JourneyRow[]>;
}

/** Injects the `Operations` of the service. */
export const OPERATIONS = Symbol('waybill:operations');
