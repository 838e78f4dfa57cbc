import type { Kind } from './contract.ts';

/** Where a message goes: the topic, exchange or SNS topic of its context and kind. */
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

/** What kind of message a channel carries; undefined for a name that `channelOf` does not make. */
export const kindOfChannel = (channel: string): Kind | undefined => {
  const word = channel.slice(channel.lastIndexOf('.') + 1);
  return word === 'activity' ? 'activity' : kindOf.get(word);
};
