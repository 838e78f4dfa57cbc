import type { Binding, Filter, Group } from '@waybill/messaging';
import { type Names, shardWord } from './names.ts';
import { headers } from './wire-message.ts';

/** A binding: a queue to an exchange, or the exchange of a filter to that of its channel. */
export interface Bound {
  readonly to: string;
  readonly from: string;
  readonly pattern: string;
  readonly args?: Readonly<Record<string, string | number>>;
  /** `from` is the exchange of a filter, which must be created and bound to that of its channel first. */
  readonly filter?: { readonly channel: string; readonly pattern: string };
}

const mostCombinations = 64;

/** A group of tasks has two queues per partition, so that urgent tasks overtake. */
export const hasUrgent = ({ kind }: Pick<Group, 'kind'>): boolean => kind === 'task';

/** All bindings that a group needs to receive what it subscribes to. */
export function boundOf(group: Group, names: Names): readonly Bound[] {
  return group.bindings.flatMap((binding) =>
    binding.filter && Object.keys(binding.filter).length > 0
      ? filtered(group, binding, binding.filter, names)
      : plain(group, binding, names),
  );
}

/** Urgent routing keys exist only on channels of tasks; every group that subscribes there must receive them, too. */
const hearsUrgent = (group: Group, { channel }: Binding): boolean =>
  hasUrgent(group) || channel.endsWith('.tasks');

const queueFor = (group: Group, shard: number, urgent: boolean, names: Names): string =>
  urgent && hasUrgent(group)
    ? names.urgentQueue(group.name, shard)
    : names.queue(group.name, shard);

function plain(group: Group, binding: Binding, names: Names): readonly Bound[] {
  const from = names.exchange(binding.channel, group.shards);
  return shardsOf(group).flatMap((shard) =>
    urgencies(group, binding).map((urgent) => ({
      to: queueFor(group, shard, urgent, names),
      from,
      pattern: `${binding.pattern}.${shardWord(shard, urgent)}`,
    })),
  );
}

/** A headers exchange behind the topic exchange: it matches the attributes, and the partition as one more header. */
function filtered(group: Group, binding: Binding, filter: Filter, names: Names): readonly Bound[] {
  const { channel, pattern } = binding;
  const exchange = names.filterExchange(group.name, channel, pattern);
  const behind = { channel: names.exchange(channel, group.shards), pattern: `${pattern}.*` };
  return shardsOf(group).flatMap((shard) =>
    urgencies(group, binding).flatMap((urgent) =>
      combinationsOf(group, filter).map((wanted) => ({
        to: queueFor(group, shard, urgent, names),
        from: exchange,
        pattern: '',
        filter: behind,
        args: { 'x-match': 'all', ...wanted, [headers.shard]: shardWord(shard, urgent) },
      })),
    ),
  );
}

const shardsOf = ({ shards }: Group): readonly number[] =>
  Array.from({ length: shards }, (_, shard) => shard);

const urgencies = (group: Group, binding: Binding): readonly boolean[] =>
  hearsUrgent(group, binding) ? [false, true] : [false];

/** A headers exchange compares each header with one value, so every combination of values is a binding. */
function combinationsOf(group: Group, filter: Filter): readonly Record<string, string>[] {
  let found: Record<string, string>[] = [{}];
  for (const [name, values] of Object.entries(filter)) {
    found = found.flatMap((each) =>
      values.map((value) => ({ ...each, [headers.attribute + name]: value })),
    );
  }
  if (found.length > mostCombinations)
    throw new TypeError(
      `the filter of group ${group.name} has ${found.length} combinations of values, and ${mostCombinations} is the most`,
    );
  return found;
}
