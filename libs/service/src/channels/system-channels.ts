import { allContracts, channelOf, kindOfChannel } from '@waybill/contracts';
import { Problem } from '@waybill/http';
import type { SeekTarget } from '@waybill/messaging';
import type { ChannelReport } from '../ops/channels.ts';
import { merge } from '../ops/merge.ts';
import type { Operations } from '../ops/operations.ts';
import type { Merged } from '../ops/system-operations.ts';
import type { BrowsedMessage, ChannelAccess, Purged } from './channel-access.ts';

/** A channel, and the groups of every service that subscribe to it. */
export interface ChannelDetail {
  readonly name: string;
  readonly kind: string;
  /** Null for a channel without groups. */
  readonly broker: string | null;
  readonly subscribers: readonly ChannelReport[];
  readonly missing: readonly string[];
}

/** Milliseconds: a broker may have to gather what waits, or to wait for consumers to leave. */
const patience = 20_000;
const known = new Set(allContracts.map(channelOf));

/** The channels of all services: an action on a channel is done at every service that subscribes to it. */
export class SystemChannels {
  constructor(
    private readonly services: readonly Pick<Operations, 'service' | 'channels' | 'control'>[],
  ) {}

  /** Rejects with 404 for a name that is neither subscribed to nor the channel of a message. */
  async find(name: string): Promise<ChannelDetail> {
    const { items, missing } = await merge(this.services, (service) => service.channels());
    const subscribers = items.filter(({ channel }) => channel === name);
    const kind = kindOfChannel(name) ?? subscribers[0]?.kind;
    if (subscribers.length === 0 && missing.length > 0) throw unavailable(missing);
    if (kind === undefined || (subscribers.length === 0 && !known.has(name)))
      throw new Problem(404, 'not_found', `there is no channel ${name}`);
    return { name, kind, broker: subscribers[0]?.broker ?? null, subscribers, missing };
  }

  /** At most `limit` waiting messages, the oldest first. */
  async browse(name: string, limit: number): Promise<Merged<BrowsedMessage>> {
    const { items, missing } = await this.at(name, (control) => control.browse(name, limit));
    const oldestFirst = [...items].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    return { items: oldestFirst.slice(0, limit), missing };
  }

  /** Resolves with the groups that stop; rejects with 503 unless every service has done it. */
  pause(name: string, by: string): Promise<readonly string[]> {
    return this.everywhere(name, (control) => control.pause(name, by));
  }

  /** Resolves with the groups that continue, unless another channel of theirs is paused. */
  resume(name: string, by: string): Promise<readonly string[]> {
    return this.everywhere(name, (control) => control.resume(name, by));
  }

  /** Resolves with how many messages were removed for each group. */
  purge(name: string, by: string): Promise<readonly Purged[]> {
    return this.everywhere(name, (control) => control.purge(name, by));
  }

  /** Rejects with 404 for a group that does not subscribe to the channel. */
  async seek(name: string, group: string, to: SeekTarget, by: string): Promise<void> {
    const { subscribers, missing } = await this.find(name);
    const found = subscribers.find((each) => each.group === group);
    const owner = this.services.find(({ service }) => service === found?.service);
    if (owner) return owner.control.seek(group, to, by);
    if (missing.length > 0) throw unavailable(missing);
    throw new Problem(404, 'not_found', `no group ${group} subscribes to ${name}`);
  }

  private async everywhere<T>(
    name: string,
    act: (control: ChannelAccess) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const { items, missing } = await this.at(name, act);
    if (missing.length > 0) throw unavailable(missing);
    return items;
  }

  /** A channel without groups belongs to the service that publishes to it. */
  private async at<T>(
    name: string,
    act: (control: ChannelAccess) => Promise<readonly T[]>,
  ): Promise<Merged<T>> {
    const { subscribers, missing: silent } = await this.find(name);
    const owners = new Set(subscribers.map(({ service }) => service));
    if (owners.size === 0) owners.add(name.slice(0, name.indexOf('.')));
    const concerned = this.services.filter(({ service }) => owners.has(service));
    const { items, missing, errors } = await merge(
      concerned,
      ({ control }) => act(control),
      patience,
    );
    const refusal = errors.find(isRefusal);
    if (refusal) throw refusal;
    return { items, missing: [...new Set([...silent, ...missing])] };
  }
}

/** Names the broker and why it refuses; another service's broker may not refuse. */
const isRefusal = (error: unknown): boolean => {
  const { code } = error as { code?: unknown };
  return code === 'not_supported' || code === 'group_in_use';
};

/** Ids begin with their time; what is not a message comes last. */
const idOf = ({ headers }: BrowsedMessage): string => headers?.id ?? '~';

const unavailable = (missing: readonly string[]): Problem =>
  new Problem(503, 'unavailable', `${missing.join(', ')} did not answer; try again`, {
    headers: { 'retry-after': '2' },
  });
