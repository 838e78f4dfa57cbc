import { channelOf } from '@waybill/contracts';
import type { Binding, Group } from './broker.ts';
import type { Handler } from './handler.ts';

/**
 * The groups that handlers declare: one binding a contract, by its exact type and any version. Local messages
 * and requests have no group. All contracts of a group live on one broker, so that its shards have one owner.
 */
export function groupsOf(service: string, handlers: readonly Handler[], shards: number): Group[] {
  const groups = new Map<string, { kind: Group['kind']; bindings: Binding[] }>();
  for (const { contract, options } of handlers) {
    if (contract.kind === 'local' || contract.kind === 'request') continue;
    const name = options.group ?? service;
    const group = groups.get(name) ?? { kind: contract.kind, bindings: [] };
    groups.set(name, group);
    group.bindings.push({
      channel: channelOf(contract),
      pattern: `${contract.type}.#`,
      ...(options.filter ? { filter: options.filter } : {}),
    });
  }
  return [...groups].map(([name, group]) => ({ name, shards, ...group }));
}

/** Throws a `TypeError` for a group whose contracts live on more than one broker: its shards would have two owners. */
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
      `group ${group} hears ${home.type} on ${home.broker} and ${contract.type} on ${broker}: give them groups of their own`,
    );
  }
}
