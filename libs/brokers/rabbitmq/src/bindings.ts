import { kindOfChannel, type Priority } from '@waybill/message';
import type { Binding, Filter, Group } from '@waybill/messaging';
import { type Names, partitionWord } from './names.ts';
import { headers, prioritiesOf } from './wire-message.ts';

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

/** A queue of a group: quorum queues have no priorities, so each partition has one for each of them. */
export interface GroupQueue {
  readonly partition: number;
  readonly priority: Priority;
  readonly name: string;
}

/** Every queue of a group. */
export const queuesOf = (group: Group, names: Names): readonly GroupQueue[] =>
  partitionsOf(group).flatMap((partition) =>
    prioritiesOf(group.kind).map((priority) => ({
      partition,
      priority,
      name: names.queue(group.name, partition, priority),
    })),
  );

/** All bindings that a group needs to receive what it subscribes to. */
export function boundOf(group: Group, names: Names): readonly Bound[] {
  return group.bindings.flatMap((binding) =>
    binding.filter && Object.keys(binding.filter).length > 0
      ? filtered(group, binding, binding.filter, names)
      : plain(group, binding, names),
  );
}

/** Every group that subscribes to a channel with priorities must receive the messages of each, in whichever queue. */
const receives = (group: Group, { channel }: Binding): readonly Priority[] => {
  const own = prioritiesOf(group.kind);
  return own.length > 1 ? own : prioritiesOf(kindOfChannel(channel) ?? group.kind);
};

const queueFor = (group: Group, partition: number, priority: Priority, names: Names): string =>
  prioritiesOf(group.kind).includes(priority)
    ? names.queue(group.name, partition, priority)
    : names.queue(group.name, partition);

function plain(group: Group, binding: Binding, names: Names): readonly Bound[] {
  const from = names.exchange(binding.channel, group.partitions);
  return partitionsOf(group).flatMap((partition) =>
    receives(group, binding).map((priority) => ({
      to: queueFor(group, partition, priority, names),
      from,
      pattern: `${binding.pattern}.${partitionWord(partition, priority)}`,
    })),
  );
}

/** A headers exchange behind the topic exchange: it matches the attributes, and the partition as one more header. */
function filtered(group: Group, binding: Binding, filter: Filter, names: Names): readonly Bound[] {
  const { channel, pattern } = binding;
  const exchange = names.filterExchange(group.name, channel, pattern);
  const behind = { channel: names.exchange(channel, group.partitions), pattern: `${pattern}.*` };
  return partitionsOf(group).flatMap((partition) =>
    receives(group, binding).flatMap((priority) =>
      combinationsOf(group, filter).map((wanted) => ({
        to: queueFor(group, partition, priority, names),
        from: exchange,
        pattern: '',
        filter: behind,
        args: {
          'x-match': 'all',
          ...wanted,
          [headers.partition]: partitionWord(partition, priority),
        },
      })),
    ),
  );
}

const partitionsOf = ({ partitions }: Group): readonly number[] =>
  Array.from({ length: partitions }, (_, partition) => partition);

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
