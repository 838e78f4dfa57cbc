import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { answerProblem, type Draining, letBy, type ServerErrors } from '@waybill/http';
import { timeSpan } from '@waybill/service';
import type { Dispatcher } from 'undici';
import { bodyTooLarge, isTooSlow, isUnreached, problemFrom } from './failures.ts';
import { passedBack, passedOn } from './passed-headers.ts';
import type { Replica, Replicas } from './replicas.ts';
import { bodyOf, type RequestBody } from './request-body.ts';

/** The target of forwarded requests. */
export interface Destination {
  readonly service: string;
  readonly replicas: Replicas;
  /** The largest body of the route, in bytes. */
  readonly bodyLimit: number;
  /** Begins when the gateway stops. */
  readonly draining: Draining;
  /** Logs what is answered here with 5xx; default: nobody does. */
  readonly errors?: Pick<ServerErrors, 'tell'> | undefined;
}

/** Milliseconds for a service that stops together with the gateway to respond by itself before the request is repeated. */
const ownAnswer = 1_000;

/** Milliseconds that a service may be silent while it takes a stream. */
const longestIntake = 60_000;

/** How an attempt ended: with a response, without its caller, without a wait at shutdown, or by a failure before any response. */
type Ending = 'answered' | 'abandoned' | 'hurried' | { readonly failure: Error };

/**
 * Forwards a request to a service and streams the response back. A replica that cannot be reached is skipped
 * for the next; once a byte may have arrived, or if the body is a stream, the failure is final. When the gateway stops, event streams end, and
 * a request that makes the service wait is repeated without `wait`.
 */
export async function forward(
  { service, replicas, bodyLimit, draining, errors }: Destination,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request, bodyLimit);
  if (body === 'gone') return;
  if (body === 'too large') return answerProblem(response, bodyTooLarge());
  const options = optionsFor(request, body, replicas.answerMs);
  let failure: Error | undefined;
  for (const replica of replicas.inTurn()) {
    const ending = await attemptInTime(replica, options, response, draining);
    remember(replica, ending);
    if (typeof ending === 'string') return;
    failure = ending.failure;
    if (!isUnreached(failure) || body instanceof Readable) break;
  }
  if (body instanceof Readable) {
    body.destroy();
    // What is left is read, so that its sender gets the answer.
    await letBy(request);
  }
  answerProblem(response, problemFrom(service, failure), errors);
}

function remember(replica: Replica, ending: Ending): void {
  if (ending === 'answered') replica.away = false;
  if (typeof ending === 'string') return;
  if (isUnreached(ending.failure) || isTooSlow(ending.failure)) replica.away = true;
}

/** Repeats the request without `wait` once the gateway stops. */
async function attemptInTime(
  replica: Replica,
  options: Dispatcher.DispatchOptions,
  response: ServerResponse,
  draining: Draining,
): Promise<Ending> {
  if (!draining.hasBegun) {
    const ending = await attempt(replica, options, response, draining);
    if (ending !== 'hurried') return ending;
  }
  const hurried = { ...options, path: withoutWait(options.path) };
  return attempt(replica, hurried, response, draining);
}

function attempt(
  { pool }: Replica,
  options: Dispatcher.DispatchOptions,
  response: ServerResponse,
  draining: Draining,
): Promise<Ending> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let over = false;
    let forgetDraining = (): void => {};
    const gone = (): void => controller?.abort(new Error('the caller is gone'));
    const end = (ending: Ending): void => {
      over = true;
      forgetDraining();
      response.off('close', gone);
      resolve(ending);
    };
    /** Detaches from the service: everything it sends later is ignored. */
    const endEarly = (ending: Ending): void => {
      end(ending);
      controller?.abort(new Error('the gateway stops'));
    };
    response.once('close', gone);
    if (canHurry(options)) forgetDraining = onLate(draining, () => endEarly('hurried'));
    pool.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (response.destroyed || over) gone();
      },
      onResponseStart({ rawHeaders }, status, parsed, message) {
        if (status < 200 || over) return;
        forgetDraining();
        if (!sendHead(response, { status, message, raw: rawHeaders, parsed })) return;
        forgetDraining = draining.onBegin(() => {
          response.end();
          endEarly('answered');
        });
      },
      onResponseData(reading, chunk) {
        if (over || response.write(chunk)) return;
        reading.pause();
        response.once('drain', () => reading.resume());
      },
      onResponseEnd() {
        if (over) return;
        response.end();
        end('answered');
      },
      onResponseError(_, failure) {
        if (over) return;
        if (!response.headersSent && !response.destroyed) return end({ failure });
        response.destroy();
        end('abandoned');
      },
    });
  });
}

interface Head {
  readonly status: number;
  readonly message: string | undefined;
  readonly raw: Dispatcher.DispatchController['rawHeaders'];
  readonly parsed: Readonly<Record<string, string | string[] | undefined>>;
}

/** Returns true for an event stream. */
function sendHead(response: ServerResponse, { status, message, raw, parsed }: Head): boolean {
  const headers = passedBack((raw ?? []) as (Buffer | string)[]);
  const contentType = String(parsed['content-type']);
  const isStream = contentType.startsWith('text/event-stream');
  // Streams are found among the open responses by it, and `writeHead` alone leaves no header to be read.
  if (isStream) response.setHeader('content-type', contentType);
  if (message) response.writeHead(status, message, headers);
  else response.writeHead(status, headers);
  // The head of an event stream is sent before its first event.
  if (parsed['content-length'] === undefined) response.flushHeaders();
  return isStream;
}

/** Calls `late` when the gateway stops and the service has had its time to respond; the returned function cancels it. */
function onLate(draining: Draining, late: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const forget = draining.onBegin(() => {
    timer = setTimeout(late, ownAnswer);
  });
  return () => {
    forget();
    clearTimeout(timer);
  };
}

/** The request makes the service wait, and is safe to repeat. */
const canHurry = ({ method, path }: Dispatcher.DispatchOptions): boolean =>
  (method === 'GET' || method === 'HEAD') && withoutWait(path) !== path;

/** The path without its `wait`, otherwise unchanged. */
function withoutWait(path: string): string {
  const [place = '', query] = path.split(/\?(.*)/s, 2);
  if (!query?.includes('wait=')) return path;
  const kept = query.split('&').filter((part) => !part.startsWith('wait='));
  return kept.length === 0 ? place : `${place}?${kept.join('&')}`;
}

/** The longest `wait` of a route, in milliseconds. */
const longestWait = 30_000;

/** The `wait` of the request in milliseconds, in addition to the usual timeout; 0 if it is not a valid duration. */
function waitOf(path: string): number {
  const asked = new URLSearchParams(path.slice(path.indexOf('?') + 1)).get('wait') ?? '';
  const { data = 0 } = timeSpan.safeParse(asked);
  return Math.min(data, longestWait);
}

function optionsFor(
  request: IncomingMessage,
  body: RequestBody,
  answerMs: number,
): Dispatcher.DispatchOptions {
  const path = request.url ?? '/';
  const streams = request.headers.accept?.includes('text/event-stream');
  return {
    path,
    method: request.method as Dispatcher.HttpMethod,
    headers: passedOn(request.headers),
    body,
    ...(body instanceof Readable ? { headersTimeout: longestIntake } : {}),
    ...(path.includes('wait=') ? { headersTimeout: answerMs + waitOf(path) } : {}),
    ...(streams ? { bodyTimeout: 0 } : {}),
  };
}
