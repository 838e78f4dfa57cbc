import { isAbsent, type Problem, reasonOf } from '../lib/session.ts';

/** What came of a call; `trouble` is in words, and null after a success. */
export interface Outcome<T> {
  readonly data: T | undefined;
  readonly trouble: string | null;
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** Operators know fields as the API does. */
const pathOf = (pointer: string): string => pointer.slice(1);

/**
 * Waits for a call of the client, which rejects when there is no answer. For what a page is about, `subject` says what it is: the
 * trouble is then that there is none, where its address names none.
 */
export async function outcomeOf<T>(
  call: Promise<Answer<T>>,
  subject?: string,
): Promise<Outcome<T>> {
  try {
    const { data, error, response } = await call;
    if (response.ok) return { data, trouble: null };
    const isNone = subject !== undefined && isAbsent(response);
    const reason = isNone
      ? `There is no such ${subject}.`
      : reasonOf(error as Problem | undefined, pathOf);
    return { data, trouble: reason };
  } catch {
    return { data: undefined, trouble: 'The system does not answer.' };
  }
}
