/**
 * What a message is for. The kind decides the channel and the guarantees (docs/order-flow.md).
 * `request` and `local` never enter an outbox: a request is answered or times out, and a local
 * message is an HTTP call or a timer that joins the batches of its own service.
 */
export const kinds = [
  'event',
  'command',
  'reply',
  'task',
  'announcement',
  'activity',
  'live',
  'request',
  'local',
] as const;
export type Kind = (typeof kinds)[number];

/** The channel of a context and kind: the name of a topic, an exchange or an SNS topic. */
export const channelOf = ({
  context,
  kind,
}: {
  readonly context: string;
  readonly kind: Kind;
}): string => `${context}.${kind === 'activity' ? 'activity' : plural[kind]}`;

const plural: Record<Exclude<Kind, 'activity'>, string> = {
  event: 'events',
  command: 'commands',
  reply: 'replies',
  task: 'tasks',
  announcement: 'announcements',
  live: 'live',
  request: 'requests',
  local: 'local',
};

const kindOf = new Map(Object.entries(plural).map(([kind, word]) => [word, kind as Kind]));

/** The kind of message that a channel carries; undefined for a name that `channelOf` does not make. */
export const kindOfChannel = (channel: string): Kind | undefined => {
  const word = channel.slice(channel.lastIndexOf('.') + 1);
  return word === 'activity' ? 'activity' : kindOf.get(word);
};
