import { kindOfChannel } from '@waybill/message';
import type { Binding, Filter, Group } from '@waybill/messaging';
import { type Names, partitionWord } from './names.ts';
import { headers, mayBeUrgent } from './wire-message.ts';

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

/** A group whose messages may be urgent has two queues per partition. */
export const hasUrgent = ({ kind }: Pick<Group, 'kind'>): boolean => mayBeUrgent(kind);

/** All bindings that a group needs to receive what it subscribes to. */
export function boundOf(group: Group, names: Names): readonly Bound[] {
  return group.bindings.flatMap((binding) =>
    binding.filter && Object.keys(binding.filter).length > 0
      ? filtered(group, binding, binding.filter, names)
      : plain(group, binding, names),
  );
}

/** Every group that subscribes to a channel with urgent routing keys must receive those messages, too. */
const receivesUrgent = (group: Group, { channel }: Binding): boolean =>
  hasUrgent(group) || mayBeUrgent(kindOfChannel(channel) ?? group.kind);

const queueFor = (group: Group, partition: number, urgent: boolean, names: Names): string =>
  urgent && hasUrgent(group)
    ? names.urgentQueue(group.name, partition)
    : names.queue(group.name, partition);

function plain(group: Group, binding: Binding, names: Names): readonly Bound[] {
  const from = names.exchange(binding.channel, group.partitions);
  return partitionsOf(group).flatMap((partition) =>
    urgencies(group, binding).map((urgent) => ({
      to: queueFor(group, partition, urgent, names),
      from,
      pattern: `${binding.pattern}.${partitionWord(partition, urgent)}`,
    })),
  );
}

/** A headers exchange behind the topic exchange: it matches the attributes, and the partition as one more header. */
function filtered(group: Group, binding: Binding, filter: Filter, names: Names): readonly Bound[] {
  const { channel, pattern } = binding;
  const exchange = names.filterExchange(group.name, channel, pattern);
  const behind = { channel: names.exchange(channel, group.partitions), pattern: `${pattern}.*` };
  return partitionsOf(group).flatMap((partition) =>
    urgencies(group, binding).flatMap((urgent) =>
      combinationsOf(group, filter).map((wanted) => ({
        to: queueFor(group, partition, urgent, names),
        from: exchange,
        pattern: '',
        filter: behind,
        args: {
          'x-match': 'all',
          ...wanted,
          [headers.partition]: partitionWord(partition, urgent),
        },
      })),
    ),
  );
}

const partitionsOf = ({ partitions }: Group): readonly number[] =>
  Array.from({ length: partitions }, (_, partition) => partition);

const urgencies = (group: Group, binding: Binding): readonly boolean[] =>
  receivesUrgent(group, binding) ? [false, true] : [false];

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
