/** The ids of topics by their names: a topic that is deleted and made again has another. */
export type TopicIds = ReadonlyMap<string, string>;

const prefix = 'topic-id=';

/** What a commit says beside its offset: of which topic that tells. */
export const commitMetadata = (topicId: string): string => `${prefix}${topicId}`;

/**
 * True when a committed offset tells of a topic that was deleted since: who reads the next one of that name may commit his
 * old place before he knows. Commits of Kafka's own tools say nothing, and count.
 */
export const isOfFormerTopic = (metadata: string | null, topicId: string | undefined): boolean =>
  !!topicId && !!metadata?.startsWith(prefix) && metadata !== commitMetadata(topicId);

/** True when a topic of these has another id by now. */
export const haveChanged = (known: TopicIds, found: TopicIds): boolean =>
  [...found].some(([topic, id]) => (known.get(topic) ?? id) !== id);
