import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import type { FastifyRequest } from 'fastify';

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);
const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A trace with a span of this service: messages inherit it from the request that sends them. */
export interface Trace {
  /** The trace id as a UUID: every message of the conversation carries it as `correlationId`. */
  readonly correlationId: string;
  /** W3C Trace Context, version 00. */
  readonly traceparent: string;
}

declare module 'http' {
  interface IncomingMessage {
    /** That of the request of Fastify, for answers past it; absent where no application has seen the request. */
    trace?: Trace;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Its correlation id is also the `x-request-id` of the response. */
    trace: Trace;
  }
}

/** Parameter decorator: the trace of the request. Pass it to everything that the route sends or logs. */
export const Trace = createParamDecorator(
  (_: unknown, context: ExecutionContext): Trace =>
    context.switchToHttp().getRequest<FastifyRequest>().trace,
);

/** The log fields of a trace. */
export const traceFields = ({ correlationId }: Pick<Trace, 'correlationId'>) => ({
  correlationId,
  traceId: traceIdOf(correlationId),
});

/** A valid W3C trace context. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: string;
}

/** The trace context of a header that anyone may have sent; null if it is absent or not valid. */
export function parsedTraceparent(header: unknown): TraceContext | null {
  if (typeof header !== 'string' || header.length > 512) return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = form.exec(header) ?? [];
  const known = version !== undefined && version !== 'ff' && !(version === '00' && more);
  return known && traceId !== noTrace && spanId !== noSpan ? { traceId, spanId, flags } : null;
}

/**
 * The caller's trace, or a new one that is not recorded, if the header is absent or not valid; the id of a new trace consists
 * of the digits of `newId`, a UUID.
 */
export function traceFrom(header: unknown): Trace {
  const caller = parsedTraceparent(header);
  return caller ? traceOf(caller.traceId, caller.flags) : traceOf(traceIdOf(newId()), '00');
}

/** The correlation id of the caller's trace, or a new one, if the header is absent or not valid. */
export function correlationIdFrom(header: unknown): string {
  const caller = parsedTraceparent(header);
  return caller ? uuidOf(caller.traceId) : newId();
}

/** A trace with a new span of this service. */
export const traceOf = (traceId: string, flags: string): Trace => ({
  correlationId: uuidOf(traceId),
  traceparent: `00-${traceId}-${span()}-${flags}`,
});

/** The W3C trace id of a conversation, from its correlation id. */
export const traceIdOf = (correlationId: string): string => correlationId.replaceAll('-', '');

/** The correlation id of a trace. */
export const uuidOf = (trace: string): string =>
  trace.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const span = (): string => `${word()}${word()}`;

/** Trace ids are not secret, so they do not need the slower secure random numbers. Never 0, which is not a valid id. */
function word(): string {
  const random = 1 + Math.floor(Math.random() * 0xffffffff);
  return `${bytes[random >>> 24]}${bytes[(random >>> 16) & 255]}${bytes[(random >>> 8) & 255]}${bytes[random & 255]}`;
}
