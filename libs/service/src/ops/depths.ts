import type { Brokers, Group } from '@waybill/messaging';
import type { Metrics } from '@waybill/observability';

/** What waits for a group at its broker. */
export interface DepthReport {
  readonly group: string;
  /** The channels of the group that share the count: one, or all that come through its queue. */
  readonly channels: readonly string[];
  readonly broker: string;
  readonly depth: number;
  /** How long the oldest of them has waited. */
  readonly lagMs: number;
}

const keptMs = 1_000;
const patience = 2_000;

/** What waits for the groups of a service, read from their brokers at most once per second. */
export class Depths {
  private kept: { readonly at: number; readonly reports: Promise<readonly DepthReport[]> } | null =
    null;

  constructor(
    private readonly brokers: Brokers,
    private readonly groups: () => readonly Group[],
  ) {}

  /** A broker that does not answer in time is left out; never rejects. */
  read(): Promise<readonly DepthReport[]> {
    const now = performance.now();
    if (!this.kept || now - this.kept.at > keptMs) this.kept = { at: now, reports: this.readNow() };
    return this.kept.reports;
  }

  private async readNow(): Promise<readonly DepthReport[]> {
    const own = new Set(this.groups().map(({ name }) => name));
    const found = await Promise.all(
      this.brokers.all().map(async (broker) => {
        const stats = await inTime(broker.stats(own));
        return stats.map(({ channels, group, depth, oldestMs }) => ({
          group,
          channels,
          broker: broker.name,
          depth,
          lagMs: oldestMs,
        }));
      }),
    );
    return found.flat();
  }
}

async function inTime<T>(found: Promise<readonly T[]>): Promise<readonly T[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly T[]>((resolve) => {
    timer = setTimeout(() => resolve([]), patience);
  });
  try {
    return await Promise.race([found.catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Shows what waits for the groups as Prometheus metrics; each replica of a service shows the same. */
export function measureDepths(metrics: Metrics, depths: Pick<Depths, 'read'>): void {
  const labelNames = ['channel', 'group', 'broker'] as const;
  const labelled = ({ channels, group, broker }: DepthReport) => ({
    channel: channels.join(','),
    group,
    broker,
  });
  metrics.gauge({
    name: 'waybill_channel_depth_messages',
    help: 'Messages that wait for a group at its broker',
    labelNames,
    async collect() {
      this.reset();
      for (const each of await depths.read()) this.set(labelled(each), each.depth);
    },
  });
  metrics.gauge({
    name: 'waybill_channel_lag_seconds',
    help: 'How long the oldest of them has waited, as far as the broker knows',
    labelNames,
    async collect() {
      this.reset();
      for (const each of await depths.read()) this.set(labelled(each), each.lagMs / 1_000);
    },
  });
}
