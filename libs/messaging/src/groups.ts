import { channelOf, type Kind } from '@waybill/message';
import type { Binding, Group } from './broker.ts';
import type { Filter, Handler } from './handler.ts';

/**
 * The groups that handlers declare: one binding per contract, by its exact type and any version. Local messages
 * and requests have no group. All contracts of a group are on one broker, so that its partitions have one owner.
 */
export function groupsOf(
  service: string,
  handlers: readonly Handler[],
  partitions: number,
): Group[] {
  const subscribed = new Map<string, SubscribedType[]>();
  for (const { contract, options } of handlers) {
    const name = options.group ?? service;
    const { type, kind } = contract;
    const { filter } = options;
    subscribed.set(name, [
      ...(subscribed.get(name) ?? []),
      { type, kind, ...(filter ? { filter } : {}) },
    ]);
  }
  return groupsFrom(
    [...subscribed].map(([group, subscribesTo]) => ({ group, subscribesTo })),
    partitions,
  );
}

/** A contract that a group subscribes to, by name. */
export interface SubscribedType {
  readonly type: string;
  readonly kind: Kind;
  readonly filter?: Filter | undefined;
}

/**
 * The groups of recorded subscriptions, such as those of every service of the system: the
 * same as `groupsOf` makes from the handlers, in whatever order both are given.
 */
export function groupsFrom(
  subscriptions: readonly {
    readonly group: string;
    readonly subscribesTo: readonly SubscribedType[];
  }[],
  partitions: number,
): Group[] {
  return subscriptions.flatMap(({ group, subscribesTo }) => {
    const carried = subscribesTo
      .filter(({ kind }) => kind !== 'local' && kind !== 'request')
      .sort((a, b) => (a.type < b.type ? -1 : 1));
    const [first] = carried;
    return first
      ? [{ name: group, kind: first.kind, partitions, bindings: carried.map(bindingOf) }]
      : [];
  });
}

const bindingOf = ({ type, kind, filter }: SubscribedType): Binding => ({
  channel: channelOf({ context: type.slice(0, type.indexOf('.')), kind }),
  pattern: `${type}.#`,
  ...(filter ? { filter } : {}),
});

/** Whether a group subscribes to one of these channels. */
export const subscribesToOneOf = ({ bindings }: Group, channels: ReadonlySet<string>): boolean =>
  bindings.some(({ channel }) => channels.has(channel));

/** Throws a `TypeError` for a group whose contracts are on more than one broker: its partitions would have two owners. */
export function checkGroups(
  service: string,
  handlers: readonly Handler[],
  brokerOf: (kind: Group['kind']) => { readonly name: string },
): void {
  const homes = new Map<string, { readonly type: string; readonly broker: string }>();
  for (const { contract, options } of handlers) {
    if (contract.kind === 'local' || contract.kind === 'request') continue;
    const group = options.group ?? service;
    const broker = brokerOf(contract.kind).name;
    const home = homes.get(group) ?? { type: contract.type, broker };
    homes.set(group, home);
    if (home.broker === broker) continue;
    throw new TypeError(
      `group ${group} subscribes to ${home.type} on ${home.broker} and ${contract.type} on ${broker}: give them groups of their own`,
    );
  }
}
