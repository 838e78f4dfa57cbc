import { randomUUID } from 'node:crypto';
import { PublishCommand } from '@aws-sdk/client-sns';
import { type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Contract, Envelope } from '@waybill/contracts';
import { type Clock, RequestRefused, RequestTimedOut } from '@waybill/messaging';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { type Question, type Reply, readJson } from './questions.ts';
import { type Answer, Responders } from './responders.ts';
import { TemporaryQueue } from './temporary-queue.ts';
import type { Topics } from './topics.ts';
import { asciiJson, textAttributes } from './wire.ts';

interface RequestParts {
  readonly connection: Connection;
  readonly names: Names;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly instance: string;
  readonly waitSeconds: number;
}

interface Open {
  readonly replied: (reply: Reply) => void;
  readonly refused: (error: Error) => void;
}

/**
 * Requests and answers. A request waits in a queue of its type, a request to all goes over a topic; answers come to a
 * queue of this process. Nothing outlives its deadline.
 */
export class Requests {
  readonly #open = new Map<string, Open>();
  readonly #responders = new Map<string, Responders>();
  readonly #asked = new Map<string, TemporaryQueue>();
  readonly #replies: TemporaryQueue;
  readonly #replyTo: string;

  constructor(private readonly parts: RequestParts) {
    const { connection, names, instance, waitSeconds } = parts;
    this.#replyTo = names.temporary('replies', instance);
    const got = ({ Body }: Message) => {
      const reply = readJson<Reply>(Body);
      if (reply) this.#open.get(reply.id)?.replied(reply);
    };
    this.#replies = new TemporaryQueue(connection, this.#replyTo, waitSeconds, got);
  }

  respond(contract: Contract, answer: Answer): Promise<() => Promise<void>> {
    const { connection, names, topics, clock, instance, waitSeconds } = this.parts;
    const { type } = contract;
    const queues = {
      shared: names.requests(type),
      own: names.temporary('asked', randomUUID().slice(0, 13) + instance.slice(0, 8)),
      topic: () => topics.gathering(type),
      replies: names.temporary('replies', ''),
    };
    const known =
      this.#responders.get(type) ?? new Responders(connection, clock, queues, waitSeconds);
    this.#responders.set(type, known);
    return known.add(contract, answer).then((leave) => async () => {
      await leave();
      if (known.size > 0 || this.#responders.get(type) !== known) return;
      this.#responders.delete(type);
      await known.close();
    });
  }

  request(envelope: Envelope, deadline: number): Promise<unknown> {
    const { type } = envelope;
    return new Promise((resolve, reject) => {
      const { id, forget } = this.#await(deadline, {
        timedOut: () => reject(new RequestTimedOut(type, deadline)),
        replied: ({ answer, error }) => {
          forget();
          if (error) reject(new RequestRefused(type, error.message, error.code, error.retriable));
          else resolve(answer);
        },
        refused: (error) => {
          forget();
          reject(error);
        },
      });
      this.#askOne(id, envelope, deadline).catch((error: unknown) =>
        this.#open.get(id)?.refused(this.parts.connection.explained(error)),
      );
    });
  }

  gather(envelope: Envelope, deadline: number, expected: number): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      const { id, forget } = this.#await(deadline, {
        timedOut: () => resolve(answers),
        replied: ({ answer, error }) => {
          if (error) return;
          answers.push(answer);
          if (answers.length < expected) return;
          forget();
          resolve(answers);
        },
        refused: (error) => {
          forget();
          reject(error);
        },
      });
      this.#askAll(id, envelope, deadline).catch((error: unknown) =>
        this.#open.get(id)?.refused(this.parts.connection.explained(error)),
      );
    });
  }

  /** Refuses everything that is still asked, answers what is in hand, and deletes the queues of this process. */
  async close(error: Error): Promise<void> {
    for (const { refused } of [...this.#open.values()]) refused(error);
    const responders = [...this.#responders.values()];
    await Promise.all([
      this.#replies.close(),
      ...[...this.#asked.values()].map((queue) => queue.close()),
      ...responders.map((each) => each.close()),
    ]);
  }

  #await(
    deadline: number,
    open: Open & { readonly timedOut: () => void },
  ): { readonly id: string; readonly forget: () => void } {
    const id = randomUUID();
    const cancel = this.parts.clock.after(deadline, () => {
      this.#open.delete(id);
      open.timedOut();
    });
    this.#open.set(id, open);
    const forget = () => {
      cancel();
      this.#open.delete(id);
    };
    return { id, forget };
  }

  async #askOne(id: string, envelope: Envelope, deadline: number): Promise<void> {
    const { connection } = this.parts;
    const question = await this.#question(id, envelope, deadline);
    const { url } = await this.#queueOf(envelope.type).find();
    await connection.sqs.send(new SendMessageCommand({ QueueUrl: url, ...asSqs(question) }));
    connection.worked();
  }

  async #askAll(id: string, envelope: Envelope, deadline: number): Promise<void> {
    const { connection, topics } = this.parts;
    const question = await this.#question(id, envelope, deadline);
    const TopicArn = await topics.gathering(envelope.type);
    const { MessageBody: Message, MessageAttributes } = asSqs(question);
    await connection.sns.send(new PublishCommand({ TopicArn, Message, MessageAttributes }));
    connection.worked();
  }

  async #question(id: string, { type, traceparent, data }: Envelope, deadline: number) {
    const until = +this.parts.clock.now() + deadline;
    await this.#replies.open();
    return { type, traceparent, question: { id, replyTo: this.#replyTo, until, data } };
  }

  /** The queue of a type, which this process only sends to. */
  #queueOf(type: string): TemporaryQueue {
    const { connection, names, waitSeconds } = this.parts;
    const known =
      this.#asked.get(type) ??
      new TemporaryQueue(connection, names.requests(type), waitSeconds, () => undefined, true);
    this.#asked.set(type, known);
    return known;
  }
}

interface Asked {
  readonly type: string;
  readonly traceparent: string | null;
  readonly question: Question;
}

const asSqs = ({ type, traceparent, question }: Asked) => ({
  MessageBody: asciiJson(question),
  MessageAttributes: textAttributes({
    id: question.id,
    type,
    ...(traceparent ? { traceparent } : {}),
  }),
});
