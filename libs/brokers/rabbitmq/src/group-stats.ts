import type { ChannelStats, Group } from '@waybill/messaging';
import { queuesOf } from './bindings.ts';
import type { Declarer } from './declarer.ts';
import type { Names } from './names.ts';
import type { Publisher } from './publisher.ts';
import type { Subscription } from './subscription.ts';
import type { Topology } from './topology.ts';

interface Count {
  delivered: number;
  acked: number;
}

/** Counters per declared group. A queue receives several channels, so a group has one line for all its channels. */
export class GroupStats {
  /** Counts of subscriptions that have ended. */
  private readonly past = new Map<string, Count>();

  constructor(
    private readonly topology: Topology,
    private readonly names: Names,
    private readonly publisher: Publisher,
    private readonly subscriptions: Set<Subscription>,
  ) {}

  left(subscription: Subscription): void {
    if (!this.subscriptions.delete(subscription)) return;
    const past = this.pastOf(subscription.group);
    past.delivered += subscription.delivered;
    past.acked += subscription.ackedCount;
  }

  read(groups?: ReadonlySet<string>): Promise<readonly ChannelStats[]> {
    return this.topology.withDeclarer(async (declarer) => {
      const found: ChannelStats[] = [];
      for (const group of this.topology.all()) {
        if (groups?.has(group.name) === false) continue;
        found.push(await this.statsOf(group, declarer));
      }
      return found;
    });
  }

  private async statsOf(group: Group, declarer: Declarer): Promise<ChannelStats> {
    const mine = [...this.subscriptions].filter((each) => each.group === group.name);
    const past = this.pastOf(group.name);
    const sum = (of: (each: Subscription) => number): number =>
      mine.reduce((total, each) => total + of(each), 0);
    const oldest = Math.min(...mine.map((each) => each.oldest()));
    const channels = [...new Set(group.bindings.map(({ channel }) => channel))];
    const { ready, isConsumed } = await this.atServer(group, declarer);
    return {
      channels,
      group: group.name,
      depth: ready + sum((each) => each.waiting),
      inFlight: sum((each) => each.inFlight),
      oldestMs: Number.isFinite(oldest) ? Math.max(0, Date.now() - oldest) : 0,
      published: channels.reduce((total, each) => total + this.publisher.publishedOn(each), 0),
      delivered: past.delivered + sum((each) => each.delivered),
      acked: past.acked + sum((each) => each.ackedCount),
      ...consumersOf(mine, isConsumed),
    };
  }

  /** RabbitMQ counts only the active consumer of a queue. */
  private async atServer(group: Group, declarer: Declarer) {
    let ready = 0;
    let isConsumed = false;
    for (const { name } of queuesOf(group, this.names)) {
      const found = await declarer.run((channel) => channel.checkQueue(name));
      ready += found.messageCount;
      isConsumed ||= found.consumerCount > 0;
    }
    return { ready, isConsumed };
  }

  private pastOf(group: string): Count {
    const past = this.past.get(group) ?? { delivered: 0, acked: 0 };
    this.past.set(group, past);
    return past;
  }
}

/** A process that does not consume itself cannot know how many others do. */
function consumersOf(
  [mine]: readonly Subscription[],
  isConsumed: boolean,
): Pick<ChannelStats, 'consumers'> {
  if (mine) return { consumers: mine.consumers };
  return isConsumed ? {} : { consumers: 0 };
}
