import { setTimeout as pause } from 'node:timers/promises';
import { BrokerClosed } from '@waybill/messaging';
import { type NewRecord, type RecordProducer, RecordsRefused } from './client/kafka-client.ts';

/** A record that waits for its send. */
export interface Sending {
  readonly record: NewRecord;
  settled(error?: Error): void;
}

/** The settings of a sender. */
export interface SenderParts {
  readonly producer: RecordProducer;
  /** Milliseconds that a send may take, with its connection. */
  readonly patienceMs: number;
  /** Told of the first error after a success. */
  readonly onTrouble: (error: Error) => void;
}

/** No answer to a send: whether Kafka has the records is not known. */
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
/** A record batch of a partition: well below what a topic takes. */
const mostOfPartition = 512 * 1024;

/**
 * Sends what queued while the last send ran, in order, one send at a time. When a partition fails, all that is queued
 * for it fails too: whoever sends it again does so in the old order.
 */
export class Sender {
  #queue: Sending[] = [];
  #running: Promise<void> | null = null;
  #failing = false;
  #closed = false;

  constructor(private readonly parts: SenderParts) {}

  /** Takes records in their order. */
  take(sendings: readonly Sending[]): void {
    if (this.#closed) {
      for (const { settled } of sendings) settled(new BrokerClosed('kafka'));
      return;
    }
    this.#queue.push(...sendings);
    this.#running ??= this.#run();
  }

  /** False from a failed send to the next that succeeds. */
  isUp(): boolean {
    return !this.#failing;
  }

  /** Sends what is queued, for at most `ms`, and fails the rest. */
  async close(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.#running, patience]);
    clearTimeout(timer);
    this.#closed = true;
    for (const { settled } of this.#queue.splice(0)) settled(new BrokerClosed('kafka'));
    await this.parts.producer.close();
  }

  /** After the turn in which the first was taken, so that all of one turn go together. */
  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0 && !this.#closed) await this.#sendBatch(this.#takeBatch());
    this.#running = null;
  }

  #takeBatch(): readonly Sending[] {
    const batch: Sending[] = [];
    const left: Sending[] = [];
    const sizes = new Map<string, number>();
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
    const error = await this.#send(batch);
    if (!error) {
      for (const { settled } of batch) settled();
      return;
    }
    const partitions = byPartition(batch);
    if (!(error instanceof RecordsRefused) || partitions.size === 1) {
      for (const place of partitions.keys()) this.#failPartition(place, batch, error);
      return;
    }
    for (const [place, sendings] of partitions) {
      const its = await this.#send(sendings);
      if (its) this.#failPartition(place, sendings, its);
      else for (const { settled } of sendings) settled();
    }
  }

  async #send(batch: readonly Sending[]): Promise<Error | null> {
    const { producer, patienceMs, onTrouble } = this.parts;
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        producer.send(batch.map(({ record }) => record)),
        new Promise((_, reject) => {
          timer = setTimeout(() => reject(new SendTimedOut(patienceMs)), patienceMs).unref();
        }),
      ]);
      this.#failing = false;
      return null;
    } catch (error) {
      if (error instanceof SendTimedOut) void producer.close();
      if (!this.#failing) onTrouble(error as Error);
      this.#failing = true;
      return error as Error;
    } finally {
      clearTimeout(timer);
    }
  }

  #failPartition(place: string, sent: readonly Sending[], error: Error): void {
    const queued = this.#queue.filter((sending) => placeOf(sending) === place);
    this.#queue = this.#queue.filter((sending) => placeOf(sending) !== place);
    for (const sending of sent) if (placeOf(sending) === place) sending.settled(error);
    for (const { settled } of queued) settled(error);
  }
}

/** A partition that was just made, or that moves, has no leader for a moment. */
const refusedPauseMs = 100;

/**
 * Resolves when Kafka has the record. It is sent again while Kafka refuses it and it is wanted; what was refused is not
 * stored, so that it is there once. Rejects with any other error, also when the topic is gone.
 */
export async function sendWhileWanted(
  sender: Pick<Sender, 'take'>,
  record: NewRecord,
  isWanted: () => boolean,
): Promise<void> {
  for (;;) {
    const error = await new Promise<Error | undefined>((settled) =>
      sender.take([{ record, settled }]),
    );
    if (!error) return;
    if (!(error instanceof RecordsRefused) || error.topicIsGone || !isWanted()) throw error;
    await pause(refusedPauseMs);
  }
}

const placeOf = ({ record }: Sending): string => `${record.topic}/${record.partition}`;

function byPartition(batch: readonly Sending[]): ReadonlyMap<string, readonly Sending[]> {
  const partitions = new Map<string, Sending[]>();
  for (const sending of batch) {
    const found = partitions.get(placeOf(sending));
    if (found) found.push(sending);
    else partitions.set(placeOf(sending), [sending]);
  }
  return partitions;
}
