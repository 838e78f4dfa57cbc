import type { IncomingMessage, ServerResponse } from 'node:http';
import { timeSpan } from '@waybill/service';
import type { Dispatcher } from 'undici';
import { answerProblem } from '../answer-problem.ts';
import { bodyTooLarge, isTooSlow, isUnreached, problemFrom } from './failures.ts';
import { passedBack, passedOn } from './passed-headers.ts';
import type { Replica, Replicas } from './replicas.ts';
import { bodyOf, type RequestBody } from './request-body.ts';

/** Where requests are passed on to. */
export interface Destination {
  readonly service: string;
  readonly replicas: Replicas;
  /** The most bytes that the route takes. */
  readonly bodyLimit: number;
}

/** How an attempt ended: with an answer, with a failure before any answer, or without a caller. */
type Ending = 'answered' | 'abandoned' | { readonly failure: Error };

/**
 * Passes a request on to a service and its answer back, as it comes. A replica that cannot be reached is passed over
 * for the next; once a byte may have arrived, the failure is the answer.
 */
export async function forward(
  { service, replicas, bodyLimit }: Destination,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request, bodyLimit);
  if (body === 'gone') return;
  if (body === 'too large') return answerProblem(response, bodyTooLarge());
  const options = optionsFor(request, body, replicas.answerMs);
  let failure: Error | undefined;
  for (const replica of replicas.inTurn()) {
    const ending = await attempt(replica, options, response);
    if (typeof ending === 'string') {
      if (ending === 'answered') replica.away = false;
      return;
    }
    failure = ending.failure;
    if (isUnreached(failure) || isTooSlow(failure)) replica.away = true;
    if (!isUnreached(failure)) break;
  }
  answerProblem(response, problemFrom(service, failure));
}

function attempt(
  { pool }: Replica,
  options: Dispatcher.DispatchOptions,
  response: ServerResponse,
): Promise<Ending> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    const gone = (): void => controller?.abort(new Error('the caller is gone'));
    const end = (ending: Ending): void => {
      response.off('close', gone);
      resolve(ending);
    };
    response.once('close', gone);
    pool.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (response.destroyed) gone();
      },
      onResponseStart({ rawHeaders }, status, parsed, message) {
        if (status < 200) return;
        const headers = passedBack((rawHeaders ?? []) as (Buffer | string)[]);
        if (message) response.writeHead(status, message, headers);
        else response.writeHead(status, headers);
        // An event stream begins before its first event.
        if (parsed['content-length'] === undefined) response.flushHeaders();
      },
      onResponseData(reading, chunk) {
        if (response.write(chunk)) return;
        reading.pause();
        response.once('drain', () => reading.resume());
      },
      onResponseEnd() {
        response.end();
        end('answered');
      },
      onResponseError(_, failure) {
        if (!response.headersSent && !response.destroyed) return end({ failure });
        response.destroy();
        end('abandoned');
      },
    });
  });
}

/** The longest `wait` of a route. */
const longestWait = 30_000;

/** What the caller asks a route to wait, in milliseconds, on top of the usual patience; 0 when that is no length of time. */
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
    ...(path.includes('wait=') ? { headersTimeout: answerMs + waitOf(path) } : {}),
    ...(streams ? { bodyTimeout: 0 } : {}),
  };
}
