import type { Schemas } from '@waybill/client';

export type Hop = Schemas['Journey']['items'][number];

/** One line of a sequence diagram: what went from one participant to another, or what one did itself. */
export interface Arrow {
  readonly hop: Hop;
  readonly from: number;
  readonly to: number;
  /** Whether it takes back what a step had done. */
  readonly isUndo: boolean;
}

export interface Sequence {
  /** From left to right: whoever orders, the services as they are met, and whom they call. */
  readonly participants: readonly string[];
  readonly arrows: readonly Arrow[];
}

const caller = 'client';

/** The diagram of a journey, whose hops are in causal order. */
export function sequenceOf(hops: readonly Hop[]): Sequence {
  const undone = undoMessages(hops);
  const ends = hops.map(endsOf);
  const outside = new Set(hops.flatMap(({ kind, to }) => (kind === 'effect' ? [to] : [])));
  const senders = new Set(ends.filter(([from, to]) => from !== to).map(([from]) => from));
  const names = [...new Set(ends.flat())].filter((name) => !outside.has(name));
  // Those that only listen are at the end, and whom a service calls is beside it.
  const inOrder = [
    ...names.filter((name) => senders.has(name)),
    ...names.filter((name) => !senders.has(name)),
  ];
  const participants = [...new Set(inOrder.flatMap((name) => [name, ...calledBy(name, hops)]))];
  const arrows = hops.map((hop, place) => {
    const [from, to] = ends[place] as [string, string];
    const isUndo = undone.has(hop.messageId);
    return { hop, from: participants.indexOf(from), to: participants.indexOf(to), isUndo };
  });
  return { participants, arrows };
}

const calledBy = (name: string, hops: readonly Hop[]): readonly string[] =>
  hops.filter(({ kind, from }) => kind === 'effect' && from === name).map(({ to }) => to);

const endsOf = ({ kind, from, to }: Hop): [string, string] => [kind === 'http' ? caller : from, to];

/** Commands that a saga sent while it was compensating, what answers them, and its own lines about that. */
function undoMessages(hops: readonly Hop[]): ReadonlySet<string> {
  const byId = new Map(hops.map((hop) => [hop.messageId, hop]));
  const lines = hops.filter(
    ({ kind, name }) => kind === 'saga' && /\.(undo-sent|undone)$/.test(name),
  );
  const deciding = new Set(
    lines.filter(({ name }) => name.endsWith('.undo-sent')).map((line) => causeOf(line, byId)),
  );
  const idsOf = (some: readonly Hop[]) => some.map(({ messageId }) => messageId);
  const commands = new Set(
    idsOf(hops.filter(({ kind, causationId }) => kind === 'command' && deciding.has(causationId))),
  );
  const replies = hops.filter(
    ({ kind, causationId }) => kind === 'reply' && commands.has(causationId ?? ''),
  );
  return new Set([...idsOf(lines), ...commands, ...idsOf(replies)]);
}

/** The message that a line of a saga is about: lines about the same message follow one another. */
function causeOf(hop: Hop, byId: ReadonlyMap<string, Hop>): string | null {
  const cause = byId.get(hop.causationId ?? '');
  return cause?.kind === 'saga' || cause?.kind === 'effect'
    ? causeOf(cause, byId)
    : hop.causationId;
}

/** Tells arrows apart: several groups may have handled one message. */
export const keyOf = ({ hop: { messageId, group } }: Arrow): string => `${messageId} ${group}`;

/** Lines of a saga that the messages beside them show too. */
export const isPlain = ({ hop: { kind, name } }: Arrow): boolean =>
  kind === 'saga' && /\.(sent|undo-sent|succeeded)$/.test(name);

/** What carried a message, in words. */
export function carrierOf(broker: string): string {
  if (broker === 'deferred') return 'after a deferral';
  return broker === 'local' ? 'within a service' : broker;
}

/** What is worth knowing of a hop beyond that it arrived. */
export function remarksOn({ attempt, outcome }: Hop): readonly string[] {
  const isDead = outcome === 'dead';
  const isDeferred = outcome === 'deferred';
  return [
    ...(isDead ? [`dead letter after ${times(attempt)}`] : []),
    ...(isDeferred ? [attempt > 0 ? `deferred after ${times(attempt)}` : 'deferred'] : []),
    ...(!isDead && !isDeferred && attempt > 0 ? [`after ${times(attempt, 'failure')}`] : []),
  ];
}

const times = (count: number, what = 'attempt'): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;
