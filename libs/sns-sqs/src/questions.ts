/** A request under way. */
export interface Question {
  readonly id: string;
  /** Name of the queue where the answer is awaited. */
  readonly replyTo: string;
  /** Milliseconds since the epoch, after which nobody waits for an answer. */
  readonly until: number;
  readonly data: unknown;
}

/** An answer on its way back. */
export interface Reply {
  readonly id: string;
  readonly answer?: unknown;
  readonly error?: {
    readonly message: string;
    readonly code: string | null;
    readonly retriable: boolean;
  };
}

/** Reads an object that anybody may have written; null for anything else. */
export function readJson<T extends object>(text: string | undefined): T | null {
  try {
    const found: unknown = JSON.parse(text ?? '');
    return typeof found === 'object' ? (found as T | null) : null;
  } catch {
    return null;
  }
}
