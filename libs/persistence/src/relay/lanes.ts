import { Lane } from './lane.ts';
import type { LaneName } from './lane-leases.ts';

/** Every lane that was ever named, owned or not. */
export class Lanes {
  private readonly byName = new Map<string, Lane>();

  of(broker: string, number: number): Lane {
    const name = `${broker}/${number}`;
    let lane = this.byName.get(name);
    if (!lane) {
      lane = new Lane(broker, number);
      this.byName.set(name, lane);
    }
    return lane;
  }

  /** Lanes with rows in the table that they could take now. */
  wanting(window: number): Lane[] {
    return [...this.byName.values()].filter((lane) => lane.wantsToRead(window));
  }

  /** Lanes that hold all their rows: what they do not know was offered to nobody. */
  upToDate(): Lane[] {
    return [...this.byName.values()].filter(({ owned, behind }) => owned && !behind);
  }

  owned(): Lane[] {
    return [...this.byName.values()].filter(({ owned }) => owned);
  }

  /** Makes these the owned ones; returns those whose owner has changed. */
  adopt(names: readonly LaneName[]): Lane[] {
    const ours = new Set(names.map(({ broker, lane }) => this.of(broker, lane)));
    const changed = [...this.byName.values()].filter((lane) => lane.owned !== ours.has(lane));
    for (const lane of changed) lane.owned = ours.has(lane);
    return changed;
  }
}
