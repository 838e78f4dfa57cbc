import type { Contract, Message } from '@waybill/message';
import { type DeadLetterHook, onDeadLetter } from '@waybill/messaging';
import type { FailedCommand } from './failed-command.ts';

/** The fields of a reply that reports a dead-lettered command, besides the key of the saga. */
export interface FailedStep extends FailedCommand {
  readonly deadLetterId: string;
}

/**
 * Reports each dead-lettered command to its saga with the reply `stepFailed`, whose property `key` carries the key of the saga.
 * Only commands of sagas of the service that owns the reply are reported.
 */
export const reportsTo = <D extends FailedStep>(
  stepFailed: Contract<D>,
  key: Exclude<keyof D, keyof FailedStep> & string,
): DeadLetterHook =>
  onDeadLetter((envelope, letter) => {
    if (envelope.kind !== 'command' || envelope.source !== stepFailed.context) return [];
    const report = stepFailed.schema.safeParse({
      [key]: envelope.key,
      command: envelope.type,
      deadLetterId: letter.id,
      error: storable(letter.error),
    });
    return report.success ? [stepFailed(report.data) as Message] : [];
  });

/** An error may quote any text, but the report must be storable in a database. */
const storable = (error: string): string =>
  error.replaceAll('\u0000', '').slice(0, 1000).toWellFormed();
