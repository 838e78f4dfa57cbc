import { Inject, Injectable } from '@nestjs/common';
import { type Caller, type EventStream, EventStreams, type StreamEvent } from '@waybill/http';
import { LOGGER, type Log } from '@waybill/observability';
import type { FastifyReply } from 'fastify';
import { type Observable, Subscription } from 'rxjs';
import { type PathOfSku, problemOfCall } from '../problem-of-call.ts';

/** The events of a service, and who reads them. */
export interface EventsOf {
  readonly service: string;
  readonly events: Observable<StreamEvent>;
  readonly caller: Pick<Caller, 'id' | 'expiresAt'>;
  readonly pathOf: PathOfSku;
}

/** Responds with the events of a service. */
@Injectable()
export class EventSender {
  constructor(
    private readonly streams: EventStreams,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  /**
   * Resolves when the response has begun, with the first event. Rejects with a problem if the service fails before it;
   * a failure afterwards ends the response, so that its reader reconnects.
   */
  send(reply: FastifyReply, { service, events, caller, pathOf }: EventsOf): Promise<void> {
    return new Promise((resolve, reject) => {
      const sending = new Subscription();
      let stream: EventStream | undefined;
      const next = (event: StreamEvent): void => {
        stream ??= this.streams.begin(reply, caller);
        stream.send(event);
        resolve();
      };
      const error = (failure: unknown): void => {
        sending.unsubscribe();
        reject(problemOfCall(service, failure, pathOf));
        if (!stream) return;
        this.log.warn({ error: failure, service }, 'a stream of events lost its service');
        stream.end();
      };
      reply.raw.once('close', () => {
        sending.unsubscribe();
        resolve();
      });
      sending.add(
        events.subscribe({ next: orFail(next, error), error, complete: () => stream?.end() }),
      );
    });
  }
}

/** RxJS would throw an error of a listener where nobody catches it. */
const orFail =
  <T>(next: (value: T) => void, fail: (error: unknown) => void) =>
  (value: T): void => {
    try {
      next(value);
    } catch (error) {
      fail(error);
    }
  };
