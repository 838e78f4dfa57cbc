import type { Contract, Message } from '@waybill/message';
import { type DeadLetterHook, onDeadLetter } from '@waybill/messaging';
import type { FailedCommand } from './failed-command.ts';

/** What a reply that reports a dead command carries, besides the key of the saga. */
export interface FailedStep extends FailedCommand {
  readonly deadLetterId: string;
}

/**
 * Reports each dead command of a saga to that saga: by the reply `stepFailed`, whose `key` is the key of the saga. The sagas
 * are those of the service that owns the reply.
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

/** An error may quote anything; the report must hold what a database can store. */
const storable = (error: string): string =>
  error.replaceAll('\u0000', '').slice(0, 1000).toWellFormed();
