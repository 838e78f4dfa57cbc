import { RecordsRefused } from '../kafka-client.ts';

interface LibraryError {
  readonly code?: string;
  readonly message?: string;
  /** How Kafka names what it answered. */
  readonly apiId?: string;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

/** An error and all that it tells of. */
function* errorsIn(error: unknown): Generator<LibraryError> {
  if (typeof error !== 'object' || error === null) return;
  const found: LibraryError = error;
  yield found;
  for (const each of found.errors ?? []) yield* errorsIn(each);
  yield* errorsIn(found.cause);
}

/** Of a topic that it has looked for in vain the library tells in words alone. */
const isUnknownTopic = ({ apiId, code, message = '' }: LibraryError): boolean =>
  apiId === 'UNKNOWN_TOPIC_OR_PARTITION' ||
  (code === 'PLT_KFK_USER' && message.startsWith('Unknown topic '));

/** What a failed send is when Kafka answered, and its answer is an error; else null. */
export function refusalOf(error: unknown): RecordsRefused | null {
  const told = [...errorsIn(error)];
  const topicIsGone = told.some(isUnknownTopic);
  const isAnswer = told.some(({ code }) => code === 'PLT_KFK_PROTOCOL');
  return topicIsGone || isAnswer ? new RecordsRefused(error as Error, topicIsGone) : null;
}
