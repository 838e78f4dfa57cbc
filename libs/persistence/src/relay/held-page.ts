import type { ConfirmedPage } from '@waybill/messaging';
import type { Waiting } from './lane.ts';

/**
 * A page that this process has committed and publishes from memory. While it is whole, nobody reads its messages from the table; it is
 * broken when one of them must be read from there, and from then on they are single rows.
 */
export class HeldPage implements ConfirmedPage {
  readonly rows: Waiting[] = [];
  readonly confirmed: Waiting[] = [];
  broken = false;

  constructor(
    readonly broker: string,
    readonly first: number,
    readonly last: number,
  ) {}

  get isConfirmed(): boolean {
    return this.confirmed.length === this.rows.length;
  }
}
