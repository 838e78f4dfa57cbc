import type { ShownMessage } from './shown-message.ts';

/** A dead letter in a list. */
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

/** All that an operator needs to judge a dead letter. Sensitive fields are masked. */
export interface DeadLetter extends DeadLetterSummary, ShownMessage {
  /** Number of original bytes. */
  readonly sizeBytes: number;
  readonly stack: string | null;
  /** False if it can only be discarded. */
  readonly redrivable: boolean;
}

/** All given properties must match. */
export interface DeadLetterFilter {
  readonly channel?: string;
  readonly type?: string;
  /** The name of a handler or of a group. */
  readonly handler?: string;
}

/** An operator's action on a dead letter; `read` means that its original bytes were read. */
export interface AuditEntry {
  /** Its number among all entries of the service; the entries of one dead letter ascend. */
  readonly seq: number;
  readonly action: 'redriven' | 'discarded' | 'read';
  readonly by: string;
  readonly at: string;
  readonly edited: boolean;
  /** The reason given by the operator; null for actions that require none. */
  readonly reason: string | null;
}

/** The original bytes of a dead letter, in base64. */
export interface Original {
  readonly base64: string;
}

/** No dead letter has this id, or it was already redriven or discarded. */
export class NoSuchDeadLetter extends Error {
  readonly code = 'no_such_dead_letter';
  constructor(id: string) {
    super(`there is no dead letter ${id}`);
    this.name = 'NoSuchDeadLetter';
  }
}

/** The bytes are not a readable message, so the dead letter can only be discarded. */
export class NotRedrivable extends Error {
  readonly code = 'not_redrivable';
  constructor(id: string) {
    super(`dead letter ${id} holds no readable message: it can only be discarded`);
    this.name = 'NotRedrivable';
  }
}
