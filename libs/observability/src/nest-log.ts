import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.ts';

type Parameters = readonly unknown[];

/** Passes Nest's log lines to the log of the service. Nest's startup lines are logged at `debug` only. */
export class NestLog implements LoggerService {
  constructor(private readonly to: Log) {}

  log(message: unknown, ...more: Parameters): void {
    this.to.debug({ context: contextOf(more) }, textOf(message));
  }

  error(message: unknown, ...more: Parameters): void {
    // The caller that starts the application gets the same error, and knows whether it will be retried.
    if (message instanceof Error && contextOf(more) === 'ExceptionHandler') return;
    if (message instanceof Error) this.to.error({ error: message }, message.message);
    else this.to.error({ context: contextOf(more), stack: stackOf(more) }, textOf(message));
  }

  warn(message: unknown, ...more: Parameters): void {
    this.to.warn({ context: contextOf(more) }, textOf(message));
  }

  debug(message: unknown, ...more: Parameters): void {
    this.to.debug({ context: contextOf(more) }, textOf(message));
  }

  verbose(message: unknown, ...more: Parameters): void {
    this.to.trace({ context: contextOf(more) }, textOf(message));
  }

  fatal(message: unknown, ...more: Parameters): void {
    this.to.fatal({ context: contextOf(more) }, textOf(message));
  }
}

const contextOf = (more: Parameters): string => String(more.at(-1) ?? '');
const stackOf = (more: Parameters): string | undefined =>
  more.length > 1 && typeof more[0] === 'string' ? more[0] : undefined;
const textOf = (message: unknown): string =>
  typeof message === 'string'
    ? message
    : message instanceof Error
      ? message.message
      : JSON.stringify(message);
