import { type Envelope, type Message, newId, wrapFirst } from '@waybill/message';
import type { Delivery } from './broker.ts';
import type { Clock } from './clock.ts';
import type { ExternalCalls } from './external-calls.ts';
import type { HandlersByGroup } from './handlers-by-group.ts';
import type { KeyQueue } from './key-queue.ts';
import type { DeferredRow } from './store.ts';
import { type SubmitOptions, Unavailable } from './submitter.ts';
import type { Tracer } from './tracer.ts';
import { notCalled, type Origin, readWork, type Tenure, type Work } from './work.ts';
import { spanOf } from './work-span.ts';

export interface IntakeOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly handlers: HandlersByGroup;
  readonly queue: Pick<KeyQueue, 'enter'>;
  readonly calls: Pick<ExternalCalls, 'begin'>;
  /** Milliseconds since the epoch: messages from brokers with older ids are refused; null: none are. */
  readonly oldest: () => number | null;
  readonly tracer?: Tracer | undefined;
}

/** A group, and the broker that delivers to it. */
export interface Channel {
  readonly group: string;
  readonly broker: string;
}

/** How an unsettled delivery is settled. */
export type Settling = Pick<Delivery, 'ack' | 'giveBack'>;

/** Puts messages into the queue of their key: from a broker, from the table of deferred messages, from a caller. */
export class Intake {
  constructor(private readonly options: IntakeOptions) {}

  delivered(from: Channel, delivery: Delivery, settling: Settling, fence: Tenure): void {
    const { clock, handlers, oldest } = this.options;
    const now = clock.now().getTime();
    const source = {
      group: from.group,
      broker: from.broker,
      channel: delivery.channel,
      body: delivery.body,
      bytes: delivery.bytes,
      made: delivery.made,
      partition: delivery.partition,
      firstAt: now,
      arrivedAt: now,
      attempt: 0,
      expired: delivery.expired,
      gaveUp: delivery.gaveUp,
      oldest: oldest(),
      origin: { from: 'broker' as const, delivery: settling },
      fence,
    };
    this.enter(readWork(source, handlers.of(from.group)));
  }

  deferred(row: DeferredRow, fence: Tenure | undefined): void {
    const { group, channel, body, partition, firstAt, attempt } = row;
    const source = {
      group,
      channel,
      body,
      partition,
      firstAt: Date.parse(firstAt),
      attempt,
      arrivedAt: this.options.clock.now().getTime(),
      broker: 'parked',
      origin: { from: 'parked' as const, row },
      fence,
    };
    this.enter(readWork(source, this.options.handlers.of(group)));
  }

  /**
   * Resolves with the answer of the decision after its commit; rejects with its error, or with
   * `Unavailable` at the deadline. Throws a `TypeError` if no handler takes the message.
   */
  submitted<A>(message: Message, how: SubmitOptions): Promise<A> {
    const envelope = this.wrapped(message, how);
    return new Promise<A>((resolve, reject) => {
      const inTime = this.options.clock.after(how.deadline ?? 5_000, () =>
        reject(new Unavailable('the database did not answer in time')),
      );
      const caller = {
        from: 'caller' as const,
        resolve: (answer: unknown) => {
          inTime();
          resolve(answer as A);
        },
        reject: (error: unknown) => {
          inTime();
          reject(error);
        },
      };
      this.enter(this.callersWork(message, envelope, caller));
    });
  }

  private enter(work: Work): void {
    const { tracer, queue, calls } = this.options;
    if (tracer) work.span = spanOf(work, tracer);
    queue.enter(work);
    calls.begin();
  }

  private wrapped(message: Message, how: SubmitOptions): Envelope {
    const now = this.options.clock.now();
    const id = how.id ?? newId(now);
    const cause = {
      id,
      correlationId: how.correlationId ?? id,
      traceparent: how.traceparent ?? null,
    };
    return wrapFirst(message, { cause, source: this.options.service, now });
  }

  private callersWork(message: Message, envelope: Envelope, origin: Origin): Work {
    const { group, handler } = this.options.handlers.ofLocal(message.contract);
    const now = this.options.clock.now().getTime();
    return {
      group,
      envelope,
      channel: message.contract.channel,
      broker: 'local',
      body: '',
      bytes: undefined,
      partition: 0,
      data: message.data,
      handler,
      keyId: `${group}/${envelope.key}`,
      firstAt: now,
      arrivedAt: now,
      origin,
      attempt: 0,
      attemptsBefore: undefined,
      fence: undefined,
      call: notCalled,
      refusal: undefined,
      blame: undefined,
      readyAt: 0,
      seen: false,
      blocked: false,
      failure: undefined,
      span: undefined,
    };
  }
}
