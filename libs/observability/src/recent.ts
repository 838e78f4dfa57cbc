const seconds = 60;
const fields = 3;

/** Counts of the last minute, one slot per second. Its memory is fixed, and adding costs no allocation. */
export class Recent {
  private readonly slots = new Float64Array(seconds * fields);

  constructor(private readonly nowSeconds: () => number) {}

  /** Counts one that was good, or not. */
  add(isGood: boolean, count = 1): void {
    const { slots } = this;
    const now = this.nowSeconds();
    const at = (now % seconds) * fields;
    if (slots[at] !== now) {
      slots[at] = now;
      slots[at + 1] = 0;
      slots[at + 2] = 0;
    }
    slots[at + 1] = (slots[at + 1] ?? 0) + count;
    if (!isGood) slots[at + 2] = (slots[at + 2] ?? 0) + count;
  }

  /** How many there were a second, and the share of them that was not good, from 0 to 1. */
  read(): { readonly perSecond: number; readonly errorRate: number } {
    const from = this.nowSeconds() - seconds;
    let [all, bad] = [0, 0];
    for (let at = 0; at < this.slots.length; at += fields) {
      if ((this.slots[at] ?? 0) <= from) continue;
      all += this.slots[at + 1] ?? 0;
      bad += this.slots[at + 2] ?? 0;
    }
    return { perSecond: all / seconds, errorRate: all === 0 ? 0 : bad / all };
  }
}
