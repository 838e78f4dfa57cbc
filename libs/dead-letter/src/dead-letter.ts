import type { Envelope } from '@waybill/message';

/** A dead letter as lists show it. */
export interface DeadLetterSummary {
  /** `<service>.<uuid>`, unique in the whole system. */
  readonly id: string;
  readonly service: string;
  readonly group: string;
  readonly handler: string | null;
  readonly channel: string;
  readonly type: string | null;
  readonly key: string | null;
  readonly attempts: number;
  readonly code: string;
  readonly error: string;
  readonly firstAt: string;
  readonly at: string;
}

/** All that a person needs to judge it. Sensitive fields are masked. */
export interface DeadLetter extends DeadLetterSummary {
  /** The envelope without its data; null when the bytes are no envelope. */
  readonly headers: Omit<Envelope, 'data'> | null;
  readonly data: unknown;
  /** What came when it is JSON but no envelope, masked too; else null. `DeadLetters.original` gives the bytes. */
  readonly body: string | null;
  /** How many bytes came. */
  readonly sizeBytes: number;
  readonly stack: string | null;
  /** False when it can only be discarded. */
  readonly redrivable: boolean;
}

/** Every named property must match. */
export interface DeadLetterFilter {
  readonly channel?: string;
  readonly type?: string;
  /** A handler or a whole group. */
  readonly handler?: string;
}

/** What a person did with a dead letter; `read` is of its original bytes. */
export interface AuditEntry {
  /** Its place among all entries of the service: those of one letter ascend. */
  readonly seq: number;
  readonly action: 'redriven' | 'discarded' | 'read';
  readonly by: string;
  readonly at: string;
  readonly edited: boolean;
  /** Why, as who did it said; null where nobody was asked. */
  readonly reason: string | null;
}

/** The bytes of a dead letter as they came, in base64. */
export interface Original {
  readonly base64: string;
}

/** There is no such dead letter, any more or at all. */
export class NoSuchDeadLetter extends Error {
  readonly code = 'no_such_dead_letter';
  constructor(id: string) {
    super(`there is no dead letter ${id}`);
    this.name = 'NoSuchDeadLetter';
  }
}

/** The bytes are no message, so they can be discarded and nothing else. */
export class NotRedrivable extends Error {
  readonly code = 'not_redrivable';
  constructor(id: string) {
    super(`dead letter ${id} holds no readable message: it can only be discarded`);
    this.name = 'NotRedrivable';
  }
}
