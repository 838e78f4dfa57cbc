import { type Envelope, newId, shardOf } from '@waybill/contracts';
import { type Clock, RequestTimedOut } from '@waybill/messaging';
import { type Question, readAnswer, refusedError, writeQuestion } from './answers.ts';
import type { KafkaClient, StoredRecord } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import type { Sender } from './sender.ts';
import { Tail } from './tail.ts';
import type { Topics } from './topics.ts';

/** What asking and answering share. */
export interface RequestParts {
  readonly client: KafkaClient;
  readonly clock: Clock;
  readonly names: Names;
  readonly topics: Topics;
  readonly sender: Sender;
  /** Begin of the names of groups that no other process has. */
  readonly groupId: string;
  readonly onTrouble: (what: string, error: Error) => void;
}

/** Where the requests of a type go. */
export const requestChannel = (type: string): string => `${type.split('.')[0]}.requests`;
/** Where all answers of a namespace go. */
export const answerChannel = 'replies-to-requests';

/** A request under way. */
interface Open {
  answered(value: string): void;
  failed(error: Error): void;
}

/** The asking side: each process reads all answers of its namespace, and takes those to its own questions. */
export class Requests {
  readonly #open = new Map<string, Open>();
  #tail: Tail | null = null;
  #ready: Promise<void> | null = null;
  #turn = 0;

  constructor(private readonly parts: RequestParts) {}

  isUp(): boolean {
    return this.#tail?.isUp() ?? true;
  }

  request(envelope: Envelope, deadline: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { type } = envelope;
      const end = this.#ask(envelope, 'one', deadline, {
        timedOut: () => reject(new RequestTimedOut(type, deadline)),
        failed: reject,
        answered: (value) => {
          const read = readAnswer(value);
          if (!read) return;
          end();
          if (read.refused) reject(refusedError(type, read.refused));
          else resolve(read.answer);
        },
      });
    });
  }

  gather(envelope: Envelope, deadline: number, expected: number): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      const end = this.#ask(envelope, 'all', deadline, {
        timedOut: () => resolve(answers),
        failed: reject,
        answered: (value) => {
          const read = readAnswer(value);
          if (!read || read.refused) return;
          answers.push(read.answer);
          if (answers.length < expected) return;
          end();
          resolve(answers);
        },
      });
    });
  }

  /** Refuses everything that is still asked, and reads no more. */
  async close(error: Error): Promise<void> {
    for (const open of [...this.#open.values()]) open.failed(error);
    await this.#tail?.close();
  }

  #ask(
    envelope: Envelope,
    ask: Question['ask'],
    deadline: number,
    on: Open & { timedOut(): void },
  ): () => void {
    const id = newId();
    const end = (): void => {
      forget();
      this.#open.delete(id);
    };
    const failed = (error: Error): void => {
      if (!this.#open.has(id)) return;
      end();
      on.failed(error);
    };
    const forget = this.parts.clock.after(deadline, () => {
      end();
      on.timedOut();
    });
    this.#open.set(id, { answered: on.answered, failed });
    const until = this.parts.clock.now().getTime() + deadline;
    this.#send(envelope, { id, ask, until }, failed).catch(failed);
    return end;
  }

  async #send(
    envelope: Envelope,
    how: Pick<Question, 'id' | 'ask' | 'until'>,
    failed: (error: Error) => void,
  ): Promise<void> {
    const { names, topics, sender, clock } = this.parts;
    await this.#listen();
    const topic = names.topic(requestChannel(envelope.type));
    const [partitions = 1] = await topics.ensure([topic]);
    if (!this.#open.has(how.id)) return;
    this.#turn += 1;
    const record = {
      topic,
      partition: shardOf(`${envelope.source}/${this.#turn}`, partitions),
      key: envelope.key,
      value: writeQuestion(envelope, how),
      headers: {
        'request-id': how.id,
        type: envelope.type,
        ...(envelope.traceparent ? { traceparent: envelope.traceparent } : {}),
      },
      timestamp: clock.now().getTime(),
    };
    sender.take([{ record, settled: (error) => error && failed(error) }]);
  }

  /** Reads answers from now on; tried again with the next request when it fails. */
  #listen(): Promise<void> {
    this.#ready ??= this.#start().catch((error: Error) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  async #start(): Promise<void> {
    const { client, names, topics, groupId, onTrouble } = this.parts;
    const topic = names.topic(answerChannel);
    await topics.ensure([topic]);
    this.#tail ??= new Tail({
      client,
      groupId: `${groupId}.answers`,
      records: (_, records) => this.#take(records),
      lookAt: (all) => topics.restore(all).then(() => all),
      onTrouble: (error) => onTrouble('answers to requests', error),
    });
    await this.#tail.follow([topic]);
  }

  #take(records: readonly StoredRecord[]): void {
    for (const { headers, value } of records) {
      this.#open.get(headers.get('request-id') ?? '')?.answered(value);
    }
  }
}
