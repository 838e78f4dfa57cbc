import { setTimeout as wait } from 'node:timers/promises';
import { BrokerClosed, within } from '@waybill/messaging';
import {
  type NewRecord,
  type RecordProducer,
  RecordsRefused,
  type Refusal,
} from './client/kafka-client.ts';

/** A record that waits to be sent. */
export interface Sending {
  readonly record: NewRecord;
  settled(error?: Error): void;
}

/** The settings of a sender. */
export interface SenderParts {
  readonly producer: RecordProducer;
  /** Milliseconds that a send may take, including its connection, and for which rejected records are retried. */
  readonly patienceMs: number;
  /** How many sends may be in flight at once, each to other partitions. */
  readonly inFlight: number;
  /** Recreates a topic that was deleted. */
  readonly restore: (topic: string) => Promise<unknown>;
  /** Called for the first error after a success. */
  readonly onTrouble: (error: Error) => void;
}

/** A send got no response, so it is unknown whether Kafka has the records. */
export class SendTimedOut extends Error {
  readonly code = 'send_timed_out';
  readonly countsAsAttempt = false;
  constructor(ms: number) {
    super(`Kafka did not confirm within ${ms} ms`);
    this.name = 'SendTimedOut';
  }
}

const mostRecords = 2_000;
const mostCharacters = 2 * 1024 * 1024;
/** Limit for the record batch of a partition, well below what a topic accepts. */
const mostOfPartition = 512 * 1024;

/** Milliseconds between a rejection and the next send to its partition. */
const restMs = 100;

/** A partition whose records Kafka temporarily rejects. */
interface Rest {
  /** When it was first rejected. */
  readonly since: number;
  over: boolean;
}

/**
 * Sends what was queued during the last send, in order, one send at a time to a partition. Temporarily rejected records are sent
 * again before all that is queued for their partition; other partitions continue. When a partition fails, all that is queued
 * for it fails too, so that the caller can retry in the original order.
 */
export class Sender {
  #queue: Sending[] = [];
  readonly #resting = new Map<string, Rest>();
  /** The partitions of each send in flight. */
  readonly #sends = new Set<ReadonlySet<string>>();
  #wake: () => void = () => {};
  #running: Promise<void> | null = null;
  #failing = false;
  #closed = false;

  constructor(private readonly parts: SenderParts) {}

  /** Queues records in order. */
  take(sendings: readonly Sending[]): void {
    if (this.#closed) {
      for (const { settled } of sendings) settled(new BrokerClosed('kafka'));
      return;
    }
    this.#queue.push(...sendings);
    this.#running ??= this.#run();
    this.#wake();
  }

  /** False from a failed send until the next successful one. */
  isUp(): boolean {
    return !this.#failing;
  }

  /** Sends what is queued, for at most `ms`, and fails the rest. */
  async close(ms: number): Promise<void> {
    await within(ms, this.#running ?? Promise.resolve());
    this.#closed = true;
    for (const { settled } of this.#queue.splice(0)) settled(new BrokerClosed('kafka'));
    this.#wake();
    await this.parts.producer.close();
  }

  /** Starts after the current turn, so that all records of one turn are sent together. */
  async #run(): Promise<void> {
    await Promise.resolve();
    while ((this.#queue.length > 0 && !this.#closed) || this.#sends.size > 0) {
      const batch = this.#sends.size < this.parts.inFlight ? this.#takeBatch() : [];
      if (batch.length > 0) this.#begin(batch);
      else await this.#woken();
    }
    this.#running = null;
  }

  #begin(batch: readonly Sending[]): void {
    const places = new Set(batch.map(placeOf));
    this.#sends.add(places);
    void this.#sendBatch(batch).finally(() => {
      this.#sends.delete(places);
      this.#wake();
    });
  }

  /** Resolves when another record is queued, a send has ended, or a partition may be retried. */
  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #takeBatch(): readonly Sending[] {
    const batch: Sending[] = [];
    const left: Sending[] = [];
    const sizes = new Map<string, number>();
    const resting = [...this.#resting].filter(([, { over }]) => !over).map(([place]) => place);
    for (const place of [...resting, ...[...this.#sends].flatMap((places) => [...places])])
      sizes.set(place, Number.POSITIVE_INFINITY);
    let total = 0;
    for (const sending of this.#queue) {
      const place = placeOf(sending);
      const before = sizes.get(place) ?? 0;
      const size = sending.record.value.length;
      const fits =
        (batch.length === 0 || total + size <= mostCharacters) && batch.length < mostRecords;
      if (fits && (before === 0 || before + size <= mostOfPartition)) {
        batch.push(sending);
        total += size;
        sizes.set(place, before + size + 1);
      } else {
        left.push(sending);
        sizes.set(place, Number.POSITIVE_INFINITY);
      }
    }
    this.#queue = left;
    return batch;
  }

  async #sendBatch(batch: readonly Sending[]): Promise<void> {
    const answer = await this.#send(batch);
    const all = !(answer instanceof Error) && answer.length === 0;
    if (all && this.#resting.size === 0) {
      for (const { settled } of batch) settled();
      return;
    }
    const partitions = byPartition(batch);
    if (answer instanceof RecordsRefused && partitions.size > 1) {
      for (const sendings of partitions.values()) await this.#sendBatch(sendings);
      return;
    }
    const errors = answer instanceof Error ? null : byPlace(answer);
    for (const [place, sendings] of partitions) {
      const error = errors ? errors.get(place) : (answer as Error);
      if (error) this.#refused(place, sendings, error);
      else {
        this.#resting.delete(place);
        for (const { settled } of sendings) settled();
      }
    }
  }

  async #send(batch: readonly Sending[]): Promise<Error | readonly Refusal[]> {
    const { producer, patienceMs } = this.parts;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await Promise.race([
        producer.send(batch.map(({ record }) => record)),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new SendTimedOut(patienceMs)), patienceMs).unref();
        }),
      ]);
      if (answer.length === 0) this.#failing = false;
      return answer;
    } catch (error) {
      if (error instanceof SendTimedOut) void producer.close();
      return error as Error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Retries rejected records after a pause if that may help; otherwise fails them. */
  #refused(place: string, sent: readonly Sending[], error: Error): void {
    const passes = error instanceof RecordsRefused && error.passes;
    const since = this.#resting.get(place)?.since ?? performance.now();
    if (!passes || this.#closed || performance.now() - since >= this.parts.patienceMs) {
      this.#resting.delete(place);
      this.#failPartition(place, sent, error);
      return;
    }
    this.#queue = [...sent, ...this.#queue];
    const rest: Rest = { since, over: false };
    this.#resting.set(place, rest);
    const topic = sent[0]?.record.topic ?? '';
    const restored = error.topicIsGone ? this.parts.restore(topic).catch(() => undefined) : null;
    void Promise.all([wait(restMs), restored]).then(() => {
      rest.over = true;
      this.#wake();
    });
  }

  #failPartition(place: string, sent: readonly Sending[], error: Error): void {
    if (!this.#failing) this.parts.onTrouble(error);
    this.#failing = true;
    const queued = this.#queue.filter((sending) => placeOf(sending) === place);
    this.#queue = this.#queue.filter((sending) => placeOf(sending) !== place);
    for (const sending of sent) if (placeOf(sending) === place) sending.settled(error);
    for (const { settled } of queued) settled(error);
  }
}

const nameOf = ({ topic, partition }: Pick<NewRecord, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;
const placeOf = ({ record }: Sending): string => nameOf(record);
const byPlace = (refusals: readonly Refusal[]): ReadonlyMap<string, RecordsRefused> =>
  new Map(refusals.map((each) => [nameOf(each), each.error]));

function byPartition(batch: readonly Sending[]): ReadonlyMap<string, readonly Sending[]> {
  const partitions = new Map<string, Sending[]>();
  for (const sending of batch) {
    const found = partitions.get(placeOf(sending));
    if (found) found.push(sending);
    else partitions.set(placeOf(sending), [sending]);
  }
  return partitions;
}
