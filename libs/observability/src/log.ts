import { types } from 'node:util';
import { type Logger, type LoggerOptions, pino } from 'pino';

/** A structured log: `log.info({ sku }, 'restocked')`. Personal data and secrets are never written to it. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level'>;

/** Injects the `Log` of the service. */
export const LOGGER = Symbol('waybill:logger');

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

/** Bytes that are buffered while the log cannot be written, such as on a full disk; lines beyond that are lost. */
const mostWaiting = 1_048_576;

const hiddenFields = new Set([...secretFields, ...personalFields]);
const deepest = 8;

export interface LogOptions {
  readonly service: string;
  readonly level: LogLevel;
  /** Where lines go: a function, or a file descriptor. Default: standard output. */
  readonly write?: ((line: string) => void) | number;
}

/** The log of one service, which every line names. Log what belongs to a request with its `traceFields`. */
export function createLog({ service, level, write = process.stdout.fd }: LogOptions): Log {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => shownFields(fields, 0),
    },
    serializers: { err: (error: unknown) => error },
  };
  return pino(options, typeof write === 'number' ? lasting(write) : { write });
}

/** A failing log must not end the process: buffered lines are written once writing is possible again. */
const lasting = (dest: number) =>
  pino.destination({ dest, sync: true, maxLength: mostWaiting }).on('error', () => undefined);

/** A copy without values that must not be logged; an error in it keeps its name, which is not personal data. */
function shown(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isError(value)) return describeError(value);
  if (depth > deepest) return '[deep]';
  if (Array.isArray(value)) return value.map((each) => shown(each, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return shown(value.toJSON(), depth + 1);
  return shownFields(value, depth);
}

const shownFields = (fields: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      hiddenFields.has(name) && value != null ? '[hidden]' : shown(value, depth + 1),
    ]),
  );

/** Also true for an error of another realm. */
const isError = (value: unknown): value is Error =>
  value instanceof Error || types.isNativeError(value);

/** The loggable part of an error: never its other properties, which may contain parameters of a query. */
function describeError(error: unknown): object {
  if (!isError(error)) return { message: String(error) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  const { name, message, stack } = error;
  const errors = error instanceof AggregateError ? { errors: error.errors.map(describeError) } : {};
  return { name, message, ...code, stack, ...errors, ...cause };
}
