import { type Logger, type LoggerOptions, pino } from 'pino';
import { currentRequest } from '../http/request-context.ts';

/** A structured log: `log.info({ sku }, 'restocked')`. Personal data and secrets never get into it. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level'>;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const secretFields = [
  'password',
  'token',
  'accessToken',
  'secret',
  'authorization',
  'cookie',
  'apiKey',
  'signature',
  'databaseUrl',
];
const personalFields = [
  'email',
  'name',
  'customerName',
  'shippingAddress',
  'address',
  'line1',
  'line2',
  'postalCode',
  'phone',
  'note',
];

const hidden = [...secretFields, ...personalFields].flatMap((field) => [
  field,
  `*.${field}`,
  `*.*.${field}`,
]);

export interface LogOptions {
  readonly service: string;
  readonly level: LogLevel;
  /** Where lines go; default: standard output. */
  readonly write?: (line: string) => void;
}

/** The log of one service. Every line carries the service and, inside a request, its correlation and trace. */
export function createLog({ service, level, write }: LogOptions): Log {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: hidden, censor: '[hidden]' },
    serializers: { err: describeError, error: describeError },
    mixin: () => {
      const request = currentRequest();
      return request
        ? {
            correlationId: request.correlationId,
            traceId: request.traceparent.slice(3, 35),
            ...(request.orderId ? { orderId: request.orderId } : {}),
          }
        : {};
    },
  };
  return write ? pino(options, { write }) : pino(options);
}

/** What a log says of an error: never its other properties, which may hold parameters of a query. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { name: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}
