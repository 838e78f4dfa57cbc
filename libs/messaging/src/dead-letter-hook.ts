import type { Envelope, Message } from '@waybill/message';

/** Returns messages to send in the commit that makes a message a dead letter. */
export interface DeadLetterHook {
  /** Pure, and must not throw: the message is a dead letter already. */
  readonly onDeadLetter: (envelope: Envelope, letter: DeadLetterNews) => readonly Message[];
}

/** A dead letter as its hooks see it. */
export interface DeadLetterNews {
  /** `<service>.<id>`, as operators name it. */
  readonly id: string;
  readonly error: string;
}

/** Declares a hook; a method marked by `@Handles()` returns it. */
export const onDeadLetter = (hook: DeadLetterHook['onDeadLetter']): DeadLetterHook => ({
  onDeadLetter: hook,
});
