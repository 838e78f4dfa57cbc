import { Lane } from './lane.ts';
import type { LaneName } from './lane-leases.ts';

/** Every lane that was ever named, owned or not. */
export class Lanes {
  private readonly byBroker = new Map<string, Lane[]>();
  private readonly all: Lane[] = [];

  of(broker: string, number: number): Lane {
    let lanes = this.byBroker.get(broker);
    if (!lanes) {
      lanes = [];
      this.byBroker.set(broker, lanes);
    }
    let lane = lanes[number];
    if (!lane) {
      lane = new Lane(broker, number);
      lanes[number] = lane;
      this.all.push(lane);
    }
    return lane;
  }

  /** Lanes with rows in the table that they could take now. */
  wanting(window: number): Lane[] {
    return this.all.filter((lane) => lane.wantsToRead(window));
  }

  /** Lanes that hold all their rows: what they do not know was offered to nobody. */
  upToDate(): Lane[] {
    return this.all.filter(({ owned, behind }) => owned && !behind);
  }

  owned(): Lane[] {
    return this.all.filter(({ owned }) => owned);
  }

  /** Makes these the owned ones; returns those whose owner has changed. */
  adopt(names: readonly LaneName[]): Lane[] {
    const ours = new Set(names.map(({ broker, lane }) => this.of(broker, lane)));
    const changed = this.all.filter((lane) => lane.owned !== ours.has(lane));
    for (const lane of changed) lane.owned = ours.has(lane);
    return changed;
  }
}
