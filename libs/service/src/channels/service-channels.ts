import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { kindOfChannel } from '@waybill/contracts';
import { shownMessage } from '@waybill/dead-letter';
import {
  type BrokerOperations,
  type Brokers,
  type Clock,
  every,
  type Group,
  type Messaging,
  NotSupported,
  type SeekTarget,
  subscribesToOneOf,
} from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import type { BrowsedMessage, ChannelAccess, Purged } from './channel-access.ts';
import type { PausedChannels } from './paused-channels.ts';

export interface ServiceChannelsOptions {
  readonly service: string;
  readonly messaging: Pick<Messaging, 'groups' | 'contracts' | 'pause'>;
  readonly brokers: Brokers;
  readonly paused: PausedChannels;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** No other process uses the database, so no other process pauses a channel. */
  readonly exclusive: boolean;
}

const lookEvery = 1_000;

/** The channels of a service in its own process. */
export class ServiceChannels
  implements ChannelAccess, OnApplicationBootstrap, BeforeApplicationShutdown
{
  private stopLooking: () => void = () => {};

  constructor(private readonly options: ServiceChannelsOptions) {}

  onApplicationBootstrap(): void {
    const { clock, exclusive } = this.options;
    if (exclusive) return;
    // While the database is away or behind, nothing changes; the health checks report that.
    this.stopLooking = every(
      clock,
      lookEvery,
      () => this.apply(),
      () => undefined,
    );
  }

  beforeApplicationShutdown(): void {
    this.stopLooking();
  }

  async browse(channel: string, limit: number): Promise<readonly BrowsedMessage[]> {
    const contracts = new Map(this.options.messaging.contracts().map((each) => [each.type, each]));
    const found: BrowsedMessage[] = [];
    for (const { name, kind } of this.groupsOf(channel, 'show the messages of')) {
      const operations = this.operationsOf(kind, `show the messages of ${channel}`);
      for (const { body, ...place } of await operations.browse(name, channel, limit))
        found.push({ service: this.options.service, ...place, ...shownMessage(body, contracts) });
    }
    return found;
  }

  async pause(channel: string, by: string): Promise<readonly string[]> {
    return this.change(channel, by, 'pause', () => this.options.paused.add(channel, by));
  }

  async resume(channel: string, by: string): Promise<readonly string[]> {
    return this.change(channel, by, 'resume', () => this.options.paused.remove(channel));
  }

  /** Stops its groups that subscribe to the channel until `release`, whatever operators pause and resume meanwhile. */
  async hold(channel: string, by: string): Promise<void> {
    await this.options.paused.add(channel, by, true);
    await this.apply();
  }

  /** Ends `hold`: the groups continue unless operators have paused the channel. */
  async release(channel: string): Promise<void> {
    await this.options.paused.remove(channel, true);
    await this.apply();
  }

  async seek(group: string, to: SeekTarget, by: string): Promise<void> {
    const { messaging, log } = this.options;
    const found = messaging.groups().find(({ name }) => name === group);
    if (!found) return;
    await this.operationsOf(found.kind, `move group ${group}`).seek(group, to);
    log.warn({ group, to, by }, 'an operator has moved a group');
  }

  async purge(channel: string, by: string): Promise<readonly Purged[]> {
    const { service, log } = this.options;
    const action = `purge ${channel}`;
    const removed: Purged[] = [];
    for (const { name: group, kind } of this.groupsOf(channel, 'purge')) {
      const purged = await this.operationsOf(kind, action).purge(group, channel);
      log.warn({ channel, group, purged, by }, 'an operator has purged a channel');
      removed.push({ service, group, purged });
    }
    return removed;
  }

  private async change(
    channel: string,
    by: string,
    action: 'pause' | 'resume',
    store: () => Promise<void>,
  ): Promise<readonly string[]> {
    const groups = this.groupsOf(channel, action);
    if (groups.length === 0) return [];
    await store();
    await this.apply();
    this.options.log.warn({ channel, by }, `an operator has ${action}d a channel`);
    return groups.map(({ name }) => name);
  }

  private apply(): Promise<void> {
    const { messaging, paused } = this.options;
    return messaging.pause(async () => new Set((await paused.read()).keys()));
  }

  /** Throws `NotSupported` for a channel of live messages, which have observers instead of groups. */
  private groupsOf(channel: string, action: string): readonly Group[] {
    const { brokers, messaging } = this.options;
    const groups = messaging
      .groups()
      .filter((group) => subscribesToOneOf(group, new Set([channel])));
    if (groups.length === 0 && kindOfChannel(channel) === 'live')
      throw new NotSupported(
        brokers.brokerFor('live').name,
        `${action} ${channel}`,
        'live messages are not stored, and have no groups',
      );
    return groups;
  }

  private operationsOf(kind: Group['kind'], action: string): BrokerOperations {
    const broker = this.options.brokers.brokerFor(kind);
    if (broker.operations) return broker.operations;
    throw new NotSupported(broker.name, action, 'it stores no messages');
  }
}
