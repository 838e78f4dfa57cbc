import { type Problem, reasonOf } from '../lib/session.ts';

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

/** Waits for a call of the client, which rejects when there is no answer. */
export async function outcomeOf<T>(call: Promise<Answer<T>>): Promise<Outcome<T>> {
  try {
    const { data, error, response } = await call;
    return { data, trouble: response.ok ? null : reasonOf(error as Problem | undefined, pathOf) };
  } catch {
    return { data: undefined, trouble: 'The system does not answer.' };
  }
}
