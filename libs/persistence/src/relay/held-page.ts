import type { ConfirmedPage } from '@waybill/messaging';
import type { Waiting } from './lane.ts';

/**
 * A page that this process has committed, and publishes from memory once all of its lanes have taken it. While it is whole, nobody
 * here reads its messages from the table; it is broken when one of them must be read from there, and from then on they are single rows.
 */
export class HeldPage implements ConfirmedPage {
  readonly size: number;
  readonly first: number;
  readonly last: number;
  confirmed: Waiting[] = [];

  constructor(
    readonly broker: string,
    public rows: readonly Waiting[],
  ) {
    this.size = rows.length;
    this.first = rows[0]?.seq ?? 0;
    this.last = rows.at(-1)?.seq ?? 0;
  }

  /** True with the last one: then it only waits to be deleted, and needs its messages no more. */
  confirm(row: Waiting): boolean {
    this.confirmed.push(row);
    if (this.confirmed.length < this.size) return false;
    this.confirmed = [];
    this.rows = [];
    return true;
  }
}
