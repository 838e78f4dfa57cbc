import { gzip } from 'node:zlib';
import type { FastifyReply, onSendHookHandler } from 'fastify';

/** A smaller answer takes few packets anyway, and those that hold a secret are far smaller: compressed, their size could tell it. */
const leastBytes = 4_096;

/**
 * Compresses a large JSON answer for a client that accepts gzip. Streams stay as they are, because their parts must arrive at once, and so
 * do files, which are compressed already. An answer with an entity tag is left alone as well: its tag names exactly these bytes.
 */
export const compressAnswer: onSendHookHandler = (request, reply, payload, done) => {
  if (request.method !== 'GET' || !isLarge(payload) || !isPlainJson(reply))
    return done(null, payload);
  void reply.header('vary', 'accept-encoding');
  if (!acceptsGzip(request.headers['accept-encoding'])) return done(null, payload);
  gzip(payload, (error, compressed) => {
    if (error) return done(error);
    void reply.header('content-encoding', 'gzip').removeHeader('content-length');
    done(null, compressed);
  });
};

const isLarge = (payload: unknown): payload is string | Buffer =>
  (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length >= leastBytes;

const isPlainJson = (reply: FastifyReply): boolean =>
  /^application\/json\b/.test(String(reply.getHeader('content-type'))) && !reply.hasHeader('etag');

/** By name, with a quality above zero. */
const acceptsGzip = (header: string | string[] | undefined): boolean =>
  String(header ?? '')
    .toLowerCase()
    .split(',')
    .some((coding) => /^\s*gzip\s*(;\s*q=(?=[\d.]*[1-9])[\d.]+\s*)?$/.test(coding));
