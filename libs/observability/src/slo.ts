import type { HealthCheck } from './health-check.ts';

const longestMinutes = 360;
const fields = 3;
/** Fewer in the longer window prove nothing: one of five would be a burn rate of hundreds. */
const fewest = 20;

/**
 * The windows of the Google SRE workbook: the budget of a month is used up too fast when it burns so many times faster than it may, over
 * the longer window and still over the shorter one.
 */
const alarms = [
  { name: 'fast', burn: 14.4, minutes: [60, 5] },
  { name: 'slow', burn: 6, minutes: [360, 30] },
] as const;

/** What a goal has seen in one minute. */
export interface SloMinute {
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly all: number;
  readonly bad: number;
}

/** A goal, such as 99 % of orders within two seconds, and what this process has seen of it in the last six hours. */
export class Slo {
  /** One slot per minute: the minute, all, those that were bad. */
  private readonly slots = new Float64Array(longestMinutes * fields);
  private others: readonly SloMinute[] = [];

  constructor(
    private readonly name: string,
    /** The share that must be good, below 1. */
    private readonly goal: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Counts one that was good, or not. */
  add(isGood: boolean): void {
    const minute = this.minute();
    const at = (minute % longestMinutes) * fields;
    if (this.slots[at] !== minute) this.slots.set([minute, 0, 0], at);
    this.slots[at + 1] = (this.slots[at + 1] ?? 0) + 1;
    if (!isGood) this.slots[at + 2] = (this.slots[at + 2] ?? 0) + 1;
  }

  /** The last minutes that have something, the current one included, 360 at most: store them, so that the next process knows of them. */
  recent(minutes: number): readonly SloMinute[] {
    const from = this.minute() - Math.min(minutes, longestMinutes);
    const found: SloMinute[] = [];
    for (let at = 0; at < this.slots.length; at += fields) {
      const [minute = 0, all = 0, bad = 0] = this.slots.subarray(at, at + fields);
      if (minute > from) found.push({ minute, all, bad });
    }
    return found;
  }

  /** Adds what an earlier process has stored. */
  restore(stored: readonly SloMinute[]): void {
    const from = this.minute() - longestMinutes;
    for (const { minute, all, bad } of stored) {
      const at = (minute % longestMinutes) * fields;
      if (minute <= from || minute < (this.slots[at] ?? 0)) continue;
      const isKnown = this.slots[at] === minute;
      const before = isKnown ? this.slots.slice(at + 1, at + fields) : [0, 0];
      this.slots.set([minute, all + (before[0] ?? 0), bad + (before[1] ?? 0)], at);
    }
  }

  /** Judges what other processes have counted together with what this one has; a later call replaces it. */
  learn(others: readonly SloMinute[]): void {
    this.others = others;
  }

  /** How many times faster than allowed the budget for bad ones was used up in the last minutes; 0 if there were too few. */
  burnRate(minutes: number): number {
    const { all, bad } = this.within(minutes);
    return all === 0 ? 0 : bad / all / (1 - this.goal);
  }

  /** A check for each alarm, which only degrades: the budget of a month would end within days. */
  checks(): readonly HealthCheck[] {
    return alarms.map(({ name, burn, minutes: [long, short] }) => ({
      name: `slo-${this.name}-${name}`,
      unit: `times the failures that the goal allows, over ${long} and ${short} minutes`,
      // Degraded from 80 % of the limit on, which is the rate of the alarm.
      limit: burn / 0.8,
      degradesOnly: true,
      read: () => {
        if (this.within(long).all < fewest) return 0;
        const rate = Math.min(this.burnRate(long), this.burnRate(short));
        return Math.round(rate * 100) / 100;
      },
    }));
  }

  private within(minutes: number): { readonly all: number; readonly bad: number } {
    const from = this.minute() - minutes;
    const recent = [...this.recent(minutes), ...this.others.filter(({ minute }) => minute > from)];
    const sum = (of: 'all' | 'bad') => recent.reduce((total, each) => total + each[of], 0);
    return { all: sum('all'), bad: sum('bad') };
  }

  private minute(): number {
    return Math.floor(this.now() / 60_000);
  }
}
