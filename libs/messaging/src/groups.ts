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
