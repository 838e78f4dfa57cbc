import type { Envelope, Kind } from '@waybill/message';
import { type Binding, type Filter, type Group, topicPattern } from '@waybill/messaging';
import type { Routing } from './record.ts';

interface CompiledBinding {
  readonly matches: (routingKey: string) => boolean;
  readonly filter: Filter | null;
}

type Channels = ReadonlyMap<string, readonly CompiledBinding[]>;

/** Earlier bindings, which apply to records before these offsets of each channel. */
interface Former {
  readonly channels: Channels;
  readonly until: ReadonlyMap<string, readonly number[]>;
}

const passes = (filter: Filter | null, attributes: Envelope['attributes']): boolean =>
  filter === null ||
  Object.entries(filter).every(([name, values]) => {
    const value = attributes[name];
    return value !== undefined && values.includes(value);
  });

const fits = (bindings: readonly CompiledBinding[] | undefined, routing: Routing): boolean => {
  const { routingKey, attributes } = routing;
  if (!bindings) return false;
  if (routingKey === null) return true;
  return bindings.some(({ matches, filter }) => matches(routingKey) && passes(filter, attributes));
};

/** A declared group, and which records it receives. */
export class DeclaredGroup {
  #bindings = new Map<Kind, readonly Binding[]>();
  #channels: Channels = new Map();
  #former: readonly Former[] = [];

  constructor(
    readonly name: string,
    readonly partitions: number,
  ) {}

  /** The channels that it subscribes to. */
  channels(): readonly string[] {
    return [...this.#channels.keys()];
  }

  /** True if the bindings differ from those that the group has for the kind. */
  changes({ kind, bindings }: Group): boolean {
    return JSON.stringify(this.#bindings.get(kind) ?? []) !== JSON.stringify(bindings);
  }

  /** Replaces the bindings of one kind; for records before `until`, the earlier ones still apply. */
  bind({ kind, bindings }: Group, until: Former['until']): void {
    if (until.size > 0) this.#former = [...this.#former, { channels: this.#channels, until }];
    this.#bindings.set(kind, bindings);
    const channels = new Map<string, CompiledBinding[]>();
    for (const { channel, pattern, filter } of [...this.#bindings.values()].flat()) {
      const compiled = { matches: topicPattern(pattern), filter: filter ?? null };
      channels.set(channel, [...(channels.get(channel) ?? []), compiled]);
    }
    this.#channels = channels;
  }

  receives(channel: string, routing: Routing): boolean {
    return fits(this.#channels.get(channel), routing);
  }

  /** Whether the group subscribed to the record when it was written, as far as this process knows. */
  wasReceived(channel: string, routing: Routing, partition: number, offset: number): boolean {
    for (const { channels, until } of this.#former) {
      if (offset < (until.get(channel)?.[partition] ?? 0))
        return fits(channels.get(channel), routing);
    }
    return this.receives(channel, routing);
  }
}

/** The groups of the whole system, as far as this process has declared them. */
export class Topology {
  readonly #groups = new Map<string, DeclaredGroup>();

  all(): readonly DeclaredGroup[] {
    return [...this.#groups.values()];
  }

  find(name: string): DeclaredGroup | undefined {
    return this.#groups.get(name);
  }

  /** Returns a declared group; throws a `TypeError` if it is not declared. */
  named(name: string): DeclaredGroup {
    const found = this.#groups.get(name);
    if (!found) throw new TypeError(`group ${name} is not declared`);
    return found;
  }

  add(group: DeclaredGroup): void {
    this.#groups.set(group.name, group);
  }

  /** True if a declared group subscribes to the message. */
  hasSubscriber(channel: string, { routingKey, attributes }: Envelope): boolean {
    const routing = { routingKey, attributes, expiresAt: null };
    return this.all().some((group) => group.receives(channel, routing));
  }
}
