import { type Envelope, encode } from '@waybill/contracts';
import { RequestRefused } from '@waybill/messaging';

/** How a question is asked. */
export interface Question {
  /** Names the answers to it. */
  readonly id: string;
  /** One responder, or everybody who responds. */
  readonly ask: 'one' | 'all';
  /** Milliseconds since the epoch, after which nobody waits for an answer. */
  readonly until: number;
  readonly type: string;
  readonly data: unknown;
}

/** The bytes of a question. */
export const writeQuestion = (
  envelope: Envelope,
  { id, ask, until }: Pick<Question, 'id' | 'ask' | 'until'>,
): string =>
  `{"id":${JSON.stringify(id)},"ask":"${ask}","until":${until},"envelope":${encode(envelope)}}`;

/** Reads a question; null for bytes that are none. */
export function readQuestion(value: string): Question | null {
  const read = objectOf(value) as Partial<Question & { envelope: Partial<Envelope> }> | null;
  const { id, ask, until, envelope } = read ?? {};
  if (typeof id !== 'string' || typeof until !== 'number') return null;
  if (ask !== 'one' && ask !== 'all') return null;
  if (typeof envelope?.type !== 'string') return null;
  return { id, ask, until, type: envelope.type, data: envelope.data };
}

/** What a responder said, as it crosses the wire: JSON, so that nobody shares an object by accident. */
export interface Answer {
  readonly answer?: unknown;
  readonly refused?: {
    readonly message: string;
    readonly code: string | null;
    readonly retriable: boolean;
  };
}

/** Why a responder said no. */
export function refusalOf(error: unknown): Answer {
  const { code, retriable } = (error ?? {}) as { code?: unknown; retriable?: unknown };
  return {
    refused: {
      message: error instanceof Error ? error.message : String(error),
      code: typeof code === 'string' ? code : null,
      retriable: retriable !== false,
    },
  };
}

/** Reads an answer; null for bytes that are none. */
export const readAnswer = (value: string): Answer | null => objectOf(value) as Answer | null;

/** The error for whoever asked. */
export const refusedError = (
  type: string,
  { message, code, retriable }: NonNullable<Answer['refused']>,
): RequestRefused =>
  new RequestRefused(
    type,
    String(message),
    typeof code === 'string' ? code : null,
    retriable !== false,
  );

function objectOf(value: string): object | null {
  try {
    const read = JSON.parse(value) as unknown;
    return typeof read === 'object' ? read : null;
  } catch {
    return null;
  }
}
