/** Topic ids by name: a topic that is deleted and recreated has another id. */
export type TopicIds = ReadonlyMap<string, string>;

const prefix = 'topic-id=';

/** The metadata of a commit: the id of its topic. */
export const commitMetadata = (topicId: string): string => `${prefix}${topicId}`;

/**
 * True if a committed offset belongs to a topic that was deleted since: a reader of its successor may commit its old
 * position before it notices. Commits by Kafka's own tools have no id, and count.
 */
export const isOfFormerTopic = (metadata: string | null, topicId: string | undefined): boolean =>
  !!topicId && !!metadata?.startsWith(prefix) && metadata !== commitMetadata(topicId);

/** True if one of these topics now has another id. */
export const haveChanged = (known: TopicIds, found: TopicIds): boolean =>
  [...found].some(([topic, id]) => (known.get(topic) ?? id) !== id);
