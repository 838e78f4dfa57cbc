import { Logger } from '@nestjs/common';
import type { ConsumerObserver } from './observer.ts';

/** Where messaging logs what it does in the background. */
export interface MessagingLog {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** Writes to the logger of Nest, in one line: the text, then the fields. */
export function nestLog(context: string) {
  const logger = new Logger(context);
  const line = (fields: object, text: string): string =>
    [text, ...Object.entries(fields).map(([name, value]) => `${name}: ${shown(value)}`)].join('; ');
  return {
    info: (fields: object, text: string) => logger.log(line(fields, text)),
    warn: (fields: object, text: string) => logger.warn(line(fields, text)),
    error: (fields: object, text: string) => logger.error(line(fields, text)),
  };
}

const shown = (value: unknown): string =>
  value instanceof Error
    ? value.message
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

/** Logs troubles, and nothing else. */
export const loggingObserver = (log: MessagingLog): ConsumerObserver => ({
  finished() {},
  batch() {},
  trouble({ what, ...fields }) {
    log.warn(fields, what);
  },
});
