/** A customer was deactivated or erased, or is active again. */
export interface ActivityChange {
  readonly customerId: string;
  readonly active: boolean;
}

/** Changes in their order, and the position after which the next ones are. */
export interface ActivityPage {
  readonly position: number;
  readonly changes: readonly ActivityChange[];
}

/** Reads who is inactive from the customer service; injected, because only the host can reach it. */
export abstract class AccountActivity {
  /** The changes after a position; 0 is before the first. Rejects if the service does not respond. */
  abstract after(position: number): Promise<ActivityPage>;
}
