import { decode, type Envelope, MalformedEnvelope } from '@waybill/message';
import { retryDelay } from '@waybill/resilience';
import { bytesOf, type Delivery, type Listener } from './broker.ts';
import type { Clock } from './clock.ts';
import { type BatchConsumer, countsAsAttempt, isRetriable } from './handler.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Span, Tracer } from './tracer.ts';
import { dataFor, isMalformed, UnknownMessage } from './work.ts';
import { batchSpan } from './work-span.ts';

/** A message that a batch consumer could not write, with everything that a dead letter needs. */
export interface FailedMessage {
  readonly group: string;
  /** The broker that delivered it. */
  readonly broker: string;
  readonly channel: string;
  readonly partition: number;
  readonly body: string;
  readonly bytes?: Uint8Array | undefined;
  /** Null if the bytes are not an envelope. */
  readonly envelope: Envelope | null;
  readonly attempts: number;
  readonly error: unknown;
  readonly firstAt: string;
  /** It is a redriven dead letter: its inbox row and its deferred row exist. */
  readonly redriven?: true;
}

/** What a batch consumer runs on. */
export interface BatchConsumerRunnerOptions {
  /** The broker of its group. */
  readonly broker: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Stores a message as a dead letter; its delivery is acked when this resolves. */
  readonly deadLetter: (failedMessage: FailedMessage) => Promise<void>;
  readonly observer: ConsumerObserver;
  readonly tracer?: Tracer | undefined;
}

interface Item {
  readonly delivery: Delivery;
  readonly envelope: Envelope;
  readonly firstAt: string;
  attempts: number;
}

/** A message that is to be dead-lettered. */
type Given = Pick<FailedMessage, 'envelope' | 'error' | 'attempts' | 'firstAt'>;

/** Gathers the messages of one batch consumer into batches, and settles each by the result that `write` returns. */
export class BatchConsumerRunner implements Listener {
  private ready: Item[] = [];
  private readonly timers = new Set<() => void>();
  private linger: (() => void) | null = null;
  private writing: Promise<void> | null = null;
  private stopping = false;

  constructor(
    readonly batchConsumer: BatchConsumer,
    private readonly options: BatchConsumerRunnerOptions,
  ) {}

  async assigned(): Promise<void> {}

  revoked(partitions: readonly number[]): void {
    const { group } = this.batchConsumer;
    const isRevoked = ({ delivery }: Item): boolean => partitions.includes(delivery.partition);
    for (const { delivery } of this.ready.filter(isRevoked))
      this.options.observer.settled?.(group, delivery.channel, 'nacked');
    this.ready = this.ready.filter((item) => !isRevoked(item));
  }

  deliver(delivery: Delivery): void {
    const { group } = this.batchConsumer;
    this.options.observer.received?.(group, delivery.channel, bytesOf(delivery));
    const { attempts, firstAt } = delivery.tried ?? {
      attempts: 0,
      firstAt: this.options.clock.now().toISOString(),
    };
    let envelope: Envelope | null = null;
    try {
      if (delivery.bytes) throw new MalformedEnvelope('its bytes are no UTF-8');
      envelope = delivery.made?.envelope ?? decode(delivery.body);
      const read = this.read(envelope, delivery);
      this.makeReady({ delivery, envelope: read, firstAt, attempts });
    } catch (error) {
      this.deadLetter(delivery, { envelope, error, firstAt, attempts });
    }
  }

  /** Writes the gathered messages and takes no more; failed messages stay with the broker. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.linger?.();
    for (const cancel of this.timers) cancel();
    await this.writing;
    while (this.ready.length > 0) await this.writeNext();
  }

  /** The message as its contract reads it; throws if this batch consumer must not write it. */
  private read(envelope: Envelope, delivery: Delivery): Envelope {
    const { contract, group } = this.batchConsumer;
    const { type, version } = envelope;
    if (delivery.gaveUp !== undefined) throw new UnknownMessage('given_up', delivery.gaveUp);
    if (delivery.expired) throw new UnknownMessage('expired', `${type} has expired`);
    if (type !== contract.type) {
      throw new UnknownMessage(
        'unknown_type',
        `the batch consumer of ${group} does not accept ${type}`,
      );
    }
    if (version !== contract.version) {
      const known = `the batch consumer of ${group} knows version ${contract.version} of ${type}`;
      throw new UnknownMessage('unknown_version', `${known}, not ${version}`);
    }
    const data = dataFor(contract, envelope, delivery.made);
    return data === envelope.data ? envelope : { ...envelope, data };
  }

  private makeReady(item: Item): void {
    if (this.stopping) return;
    this.ready.push(item);
    this.schedule();
  }

  /** Writes at once if a batch is full, else when its first message has waited for `linger`. */
  private schedule(): void {
    if (this.writing || this.stopping || this.ready.length === 0) return;
    if (this.ready.length >= this.batchConsumer.size) {
      this.linger?.();
      this.linger = null;
      this.start();
    } else {
      this.linger ??= this.options.clock.after(this.batchConsumer.linger, () => {
        this.linger = null;
        this.start();
      });
    }
  }

  private start(): void {
    if (this.writing || this.stopping) return;
    this.writing = this.writeNext().finally(() => {
      this.writing = null;
      this.schedule();
    });
  }

  private async writeNext(): Promise<void> {
    const batch = this.ready.splice(0, this.batchConsumer.size);
    if (batch.length === 0) return;
    const started = performance.now();
    const span = this.spanOf(batch);
    const errors = await this.write(batch);
    span?.end({ error: [...errors.values()][0] });
    const durationMs = performance.now() - started;
    this.options.observer.batch({ size: batch.length, durationMs });
    for (const item of batch) {
      const error = errors.get(item.envelope.id);
      if (error === undefined) this.applied(item);
      else this.failed(item, error);
    }
  }

  private applied(item: Item): void {
    this.finished(item.delivery, item, 'applied', null);
    this.ack(item.delivery);
  }

  private ack(delivery: Delivery): void {
    this.options.observer.settled?.(this.batchConsumer.group, delivery.channel, 'acked');
    delivery.ack();
  }

  private finished(
    { channel }: Delivery,
    { envelope, attempts, firstAt }: Omit<Given, 'error'>,
    outcome: 'applied' | 'parked' | 'dead',
    failure: 'failed' | 'malformed' | null,
  ): void {
    const { observer, clock } = this.options;
    observer.finished({
      group: this.batchConsumer.group,
      type: envelope?.type ?? 'unreadable',
      channel,
      outcome,
      attempt: attempts,
      durationMs: clock.now().getTime() - Date.parse(firstAt),
      retried: attempts > 0,
      failure,
    });
  }

  private spanOf(batch: readonly Item[]): Span | null {
    const { tracer } = this.options;
    const { contract } = this.batchConsumer;
    const traceparents = batch.map(({ envelope }) => envelope.traceparent);
    return tracer ? batchSpan(`process batch of ${contract.type}`, tracer, traceparents) : null;
  }

  /** The errors of a batch; a message without a result was not written. */
  private async write(batch: readonly Item[]): Promise<ReadonlyMap<string, unknown>> {
    try {
      const results = await this.batchConsumer.write(batch.map((item) => item.envelope));
      const reported = new Map(results.map(({ id, error }) => [id, error]));
      return new Map(
        batch.flatMap(({ envelope: { id } }) => {
          if (!reported.has(id))
            return [[id, new Error(`the batch consumer returned no result for message ${id}`)]];
          const error = reported.get(id);
          return error === undefined || error === null ? [] : [[id, error]];
        }),
      );
    } catch (error) {
      return new Map(batch.map((item) => [item.envelope.id, error ?? new Error('write failed')]));
    }
  }

  private failed(item: Item, error: unknown): void {
    const before = { ...item };
    if (countsAsAttempt(error)) item.attempts += 1;
    const { retry } = this.batchConsumer.contract;
    const delay = retryDelay(retry, item.attempts, this.options.random);
    if (!isRetriable(error) || delay === null) {
      this.deadLetter(item.delivery, { ...item, error });
    } else {
      this.finished(item.delivery, before, 'parked', 'failed');
      void this.retry(item, delay);
    }
  }

  /** In a retry queue of the broker, where others of the group go on, and the attempts outlive this process; else here, unsettled. */
  private async retry(item: Item, delay: number): Promise<void> {
    const { delivery, attempts, firstAt } = item;
    const isHeld = await delivery.retryAfter?.(delay, { attempts, firstAt }).then(
      () => true,
      () => false,
    );
    if (isHeld)
      this.options.observer.settled?.(this.batchConsumer.group, delivery.channel, 'nacked');
    else this.after(delay, () => this.makeReady(item));
  }

  private deadLetter(delivery: Delivery, about: Given, tries = 1): void {
    const { channel, partition, body, bytes } = delivery;
    const { envelope, error, attempts, firstAt } = about;
    const { group } = this.batchConsumer;
    const again = 'redriven' in delivery ? { redriven: true as const } : {};
    const { broker } = this.options;
    const what = { group, broker, channel, partition, body, bytes, envelope };
    const failedMessage = { ...what, attempts, error, firstAt, ...again };
    this.options.deadLetter(failedMessage).then(
      () => {
        this.finished(delivery, about, 'dead', isMalformed(error) ? 'malformed' : 'failed');
        this.ack(delivery);
      },
      () => {
        const delay = retryDelay('unbounded', tries, this.options.random) ?? 0;
        this.after(delay, () => this.deadLetter(delivery, about, tries + 1));
      },
    );
  }

  private after(ms: number, run: () => void): void {
    if (this.stopping) return;
    const cancel = this.options.clock.after(ms, () => {
      this.timers.delete(cancel);
      run();
    });
    this.timers.add(cancel);
  }
}
