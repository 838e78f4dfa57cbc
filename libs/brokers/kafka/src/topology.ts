import type { Envelope, Kind } from '@waybill/message';
import { type Binding, type Filter, type Group, topicPattern } from '@waybill/messaging';
import type { Routing } from './record.ts';

interface CompiledBinding {
  readonly hears: (routingKey: string) => boolean;
  readonly filter: Filter | null;
}

type Channels = ReadonlyMap<string, readonly CompiledBinding[]>;

/** Where the bindings before a change still count: before these offsets of each channel. */
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
  return bindings.some(({ hears, filter }) => hears(routingKey) && passes(filter, attributes));
};

/** A group as it is declared, and which records it hears. */
export class DeclaredGroup {
  #bindings = new Map<Kind, readonly Binding[]>();
  #channels: Channels = new Map();
  #former: readonly Former[] = [];

  constructor(
    readonly name: string,
    readonly shards: number,
  ) {}

  /** The channels that it hears something on. */
  channels(): readonly string[] {
    return [...this.#channels.keys()];
  }

  /** True when these are not the bindings that the group has for the kind. */
  changes({ kind, bindings }: Group): boolean {
    return JSON.stringify(this.#bindings.get(kind) ?? []) !== JSON.stringify(bindings);
  }

  /** Replaces the bindings of one kind; for records before `until` those from before still count. */
  bind({ kind, bindings }: Group, until: Former['until']): void {
    if (until.size > 0) this.#former = [...this.#former, { channels: this.#channels, until }];
    this.#bindings.set(kind, bindings);
    const channels = new Map<string, CompiledBinding[]>();
    for (const { channel, pattern, filter } of [...this.#bindings.values()].flat()) {
      const compiled = { hears: topicPattern(pattern), filter: filter ?? null };
      channels.set(channel, [...(channels.get(channel) ?? []), compiled]);
    }
    this.#channels = channels;
  }

  hears(channel: string, routing: Routing): boolean {
    return fits(this.#channels.get(channel), routing);
  }

  /** What it heard when the record was written, as far as this process knows. */
  heard(channel: string, routing: Routing, partition: number, offset: number): boolean {
    for (const { channels, until } of this.#former) {
      if (offset < (until.get(channel)?.[partition] ?? 0))
        return fits(channels.get(channel), routing);
    }
    return this.hears(channel, routing);
  }
}

/** The groups of the whole system, as far as they are declared in this process. */
export class Topology {
  readonly #groups = new Map<string, DeclaredGroup>();

  all(): readonly DeclaredGroup[] {
    return [...this.#groups.values()];
  }

  find(name: string): DeclaredGroup | undefined {
    return this.#groups.get(name);
  }

  /** The group of that name; throws a `TypeError` when it is not declared. */
  named(name: string): DeclaredGroup {
    const found = this.#groups.get(name);
    if (!found) throw new TypeError(`group ${name} is not declared`);
    return found;
  }

  add(group: DeclaredGroup): void {
    this.#groups.set(group.name, group);
  }

  /** True when some declared group hears the message. */
  isHeard(channel: string, { routingKey, attributes }: Envelope): boolean {
    const routing = { routingKey, attributes, expiresAt: null };
    return this.all().some((group) => group.hears(channel, routing));
  }
}
