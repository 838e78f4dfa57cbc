import { RecordsRefused, type Refusal } from '../kafka-client.ts';

interface LibraryError {
  readonly code?: string;
  readonly message?: string;
  /** How Kafka names what it answered. */
  readonly apiId?: string;
  readonly apiCode?: number;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
  /** What came back, of an error that tells of an answer. */
  readonly response?: { readonly responses?: ProduceAnswer };
  /** What was sent with success beside what failed: only where something was sent at all. */
  readonly produced?: object;
}

type ProduceAnswer = readonly {
  readonly name: string;
  readonly partitionResponses: readonly {
    readonly index: number;
    readonly errorCode: number;
  }[];
}[];

/** An error and all that it tells of. */
function* errorsIn(error: unknown): Generator<LibraryError> {
  if (typeof error !== 'object' || error === null) return;
  const found: LibraryError = error;
  yield found;
  for (const each of found.errors ?? []) yield* errorsIn(each);
  yield* errorsIn(found.cause);
}

const unknownTopic = 3;

/** Of a topic that it has looked for in vain the library tells in words alone. */
function codeOf({ code, apiCode, message = '' }: LibraryError): number | undefined {
  if (code === 'PLT_KFK_PROTOCOL') return apiCode;
  return code === 'PLT_KFK_USER' && message.startsWith('Unknown topic ') ? unknownTopic : undefined;
}

/** The partitions that Kafka refused, when all that is wrong with a send is that; else null. */
export function refusalsIn(error: unknown): readonly Refusal[] | null {
  const { produced, errors = [] } = (error ?? {}) as LibraryError;
  if (!produced) return null;
  const refusals: Refusal[] = [];
  for (const each of errors as readonly Error[]) {
    const answer = (each as LibraryError).response?.responses;
    if (!answer) return null;
    for (const { name, partitionResponses } of answer) {
      for (const { index, errorCode } of partitionResponses) {
        if (errorCode === 0) continue;
        refusals.push({
          topic: name,
          partition: index,
          error: new RecordsRefused(each, errorCode),
        });
      }
    }
  }
  return refusals;
}

/** What a failed send is when Kafka answered with an error before anything was sent; else null. */
export function refusalOf(error: unknown): RecordsRefused | null {
  const told = [...errorsIn(error)];
  if (told.some(({ produced }) => produced)) return null;
  const code = told.map(codeOf).find((each) => each !== undefined);
  return code === undefined ? null : new RecordsRefused(error as Error, code);
}
