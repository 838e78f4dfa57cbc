import type { Envelope, Kind } from '@waybill/message';
import { type Binding, type Filter, topicPattern } from '@waybill/messaging';
import type { EmbeddedGroup } from './embedded-group.ts';

interface CompiledBinding {
  readonly group: EmbeddedGroup;
  readonly kind: Kind;
  readonly matches: (routingKey: string) => boolean;
  readonly filter: Filter | null;
}

/** A group that receives a routing key: only messages that pass one of the filters, or all if `filters` is null. */
interface Target {
  readonly group: EmbeddedGroup;
  readonly filters: readonly Filter[] | null;
}

interface Route {
  readonly targets: readonly Target[];
  /** Every group of the route, if none of them filters. */
  readonly all: readonly EmbeddedGroup[] | null;
}

const cachedRoutes = 4096;

const passes = (filter: Filter, attributes: Envelope['attributes']): boolean =>
  Object.entries(filter).every(([name, values]) => {
    const value = attributes[name];
    return value !== undefined && values.includes(value);
  });

/** Finds the groups of a message. Patterns are matched once per routing key, not once per message. */
export class Routes {
  readonly #bindings = new Map<string, CompiledBinding[]>();
  readonly #cache = new Map<string, Map<string, Route>>();

  /** Replaces the bindings of a group for one kind. */
  bind(group: EmbeddedGroup, kind: Kind, bindings: readonly Binding[]): void {
    for (const [channel, known] of this.#bindings) {
      this.#bindings.set(
        channel,
        known.filter((each) => each.group !== group || each.kind !== kind),
      );
    }
    for (const { channel, pattern, filter } of bindings) {
      const known = this.#bindings.get(channel) ?? [];
      known.push({ group, kind, matches: topicPattern(pattern), filter: filter ?? null });
      this.#bindings.set(channel, known);
    }
    this.#cache.clear();
  }

  /** The groups that receive a message. */
  groupsFor(channel: string, envelope: Envelope): readonly EmbeddedGroup[] {
    const route = this.#routeOf(channel, envelope.routingKey);
    if (route.all) return route.all;
    return route.targets
      .filter(
        ({ filters }) => !filters || filters.some((filter) => passes(filter, envelope.attributes)),
      )
      .map((target) => target.group);
  }

  #routeOf(channel: string, routingKey: string): Route {
    let routes = this.#cache.get(channel);
    if (!routes) {
      routes = new Map();
      this.#cache.set(channel, routes);
    }
    let route = routes.get(routingKey);
    if (!route) {
      if (routes.size >= cachedRoutes) routes.clear();
      route = this.#findRoute(channel, routingKey);
      routes.set(routingKey, route);
    }
    return route;
  }

  #findRoute(channel: string, routingKey: string): Route {
    const filters = new Map<EmbeddedGroup, Filter[] | null>();
    for (const { group, matches, filter } of this.#bindings.get(channel) ?? []) {
      if (!matches(routingKey)) continue;
      const known = filters.get(group);
      if (filter === null || known === null) filters.set(group, null);
      else filters.set(group, [...(known ?? []), filter]);
    }
    const targets = [...filters].map(([group, its]) => ({ group, filters: its }));
    const filtered = targets.some((target) => target.filters !== null);
    return { targets, all: filtered ? null : targets.map((target) => target.group) };
  }
}
