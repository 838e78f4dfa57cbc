import type { Group } from './broker.ts';

/** Ends a subscription. */
type End = () => Promise<void>;

/** The subscriptions of some groups: of all but those that are paused. Changes are made one after another. */
export class Subscriptions {
  private readonly ends = new Map<string, End>();
  private paused: ReadonlySet<string> = new Set();
  private state: 'new' | 'started' | 'stopped' = 'new';
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly groups: () => readonly Group[],
    private readonly subscribe: (group: Group) => Promise<End>,
  ) {}

  /** Subscribes every group that is not paused; may be called again after a failure. */
  start(): Promise<void> {
    if (this.state === 'new') this.state = 'started';
    return this.adjust();
  }

  /** Ends the subscriptions of exactly these groups, and subscribes the others; before `start`, only remembers them. */
  pause(groups: ReadonlySet<string>): Promise<void> {
    this.paused = groups;
    return this.adjust();
  }

  /** Ends every subscription. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    await this.turn;
    await Promise.all([...this.ends.values()].map((end) => end()));
    this.ends.clear();
  }

  private adjust(): Promise<void> {
    const adjusted = this.turn.then(() => this.adjustInTurn());
    this.turn = adjusted.catch(() => undefined);
    return adjusted;
  }

  private async adjustInTurn(): Promise<void> {
    for (const group of this.groups()) {
      if (this.state !== 'started') return;
      const end = this.ends.get(group.name);
      if (this.paused.has(group.name)) {
        await end?.();
        this.ends.delete(group.name);
      } else if (!end) this.ends.set(group.name, await this.subscribe(group));
    }
  }
}
