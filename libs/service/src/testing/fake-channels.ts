import { NotSupported, type SeekTarget } from '@waybill/messaging';
import type { BrowsedMessage, ChannelAccess, Purged } from '../channels/channel-access.ts';
import type { ChannelReport } from '../ops/channels.ts';

/** The channels of a service that subscribes to one with the group of its name; `done` records the calls. */
export class FakeChannels implements ChannelAccess {
  readonly done: string[] = [];
  waiting: BrowsedMessage[] = [];
  /** What its broker cannot do. */
  refuses: keyof ChannelAccess | null = null;
  pausedBy: string | null = null;
  away = false;

  constructor(
    private readonly service: string,
    private readonly channel = `${service}.commands`,
  ) {}

  reports(): readonly ChannelReport[] {
    const paused = this.pausedBy !== null;
    const pausedAt = paused ? '2026-01-01T00:00:00.000Z' : null;
    const partitions = [0, 1].map((partition) => ({
      partition,
      depth: 3,
      offset: null,
      end: null,
    }));
    const counts = { applied: 0, duplicate: 0, deferred: 0, dead: 0, discarded: 0 };
    const seen = { depth: 6, inFlight: 0, consumers: 1, lagMs: 5, rate: 2, errorRate: 0.5 };
    const { service, channel, pausedBy } = this;
    const pause = { paused, pausedBy, pausedAt };
    const named = { service, channel, group: service, broker: 'embedded', kind: 'command' };
    return [{ ...named, ...seen, ...pause, partitions, ...counts }];
  }

  async browse(_channel: string, limit: number): Promise<readonly BrowsedMessage[]> {
    this.answer('browse');
    return this.waiting.slice(0, limit);
  }

  async pause(channel: string, by: string): Promise<readonly string[]> {
    this.answer('pause', channel);
    this.pausedBy ??= by;
    return [this.service];
  }

  async resume(channel: string): Promise<readonly string[]> {
    this.answer('resume', channel);
    this.pausedBy = null;
    return [this.service];
  }

  async seek(group: string, to: SeekTarget): Promise<void> {
    this.answer('seek', `${group} ${to instanceof Date ? to.toISOString() : to}`);
  }

  async purge(channel: string): Promise<readonly Purged[]> {
    this.answer('purge', channel);
    return [{ service: this.service, group: this.service, purged: 6 }];
  }

  private answer(action: keyof ChannelAccess, what = ''): void {
    if (this.away) throw new Error('away');
    if (this.refuses === action) throw new NotSupported('embedded', action, 'it is a fake');
    if (what) this.done.push(`${action} ${what}`);
  }
}
