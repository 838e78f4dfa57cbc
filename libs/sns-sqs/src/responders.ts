import { GetQueueUrlCommand, type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Contract, parseData } from '@waybill/contracts';
import type { Clock } from '@waybill/messaging';
import { type Connection, isMissing } from './connection.ts';
import { type Question, readJson } from './questions.ts';
import { TemporaryQueue } from './temporary-queue.ts';
import { asciiJson } from './wire.ts';

export type Answer = (data: unknown) => Promise<unknown>;

interface Responder {
  readonly contract: Contract;
  readonly answer: Answer;
  readonly inHand: Set<Promise<void>>;
}

/** The names of what the responders of one type read. */
export interface ResponderQueues {
  /** One of all responders everywhere takes a question from it. */
  readonly shared: string;
  /** Every process has its own, which hears the topic of questions to all. */
  readonly own: string;
  readonly topic: () => Promise<string>;
  /** What the names of reply queues begin with: answers go nowhere else. */
  readonly replies: string;
}

/** Those of one process who answer requests of one type. */
export class Responders {
  #responders: readonly Responder[] = [];
  readonly #shared: TemporaryQueue;
  readonly #own: TemporaryQueue;
  readonly #replyUrls = new Map<string, string>();

  constructor(
    private readonly connection: Connection,
    private readonly clock: Clock,
    private readonly queues: ResponderQueues,
    waitSeconds: number,
  ) {
    const { shared, own } = queues;
    const one = (message: Message) => this.#askOne(message);
    const all = (message: Message) => this.#askAll(message);
    this.#shared = new TemporaryQueue(connection, shared, waitSeconds, one, true);
    this.#own = new TemporaryQueue(connection, own, waitSeconds, all);
  }

  get size(): number {
    return this.#responders.length;
  }

  /** Resolves when questions come; the returned function resolves when the last of them is answered. */
  async add(contract: Contract, answer: Answer): Promise<() => Promise<void>> {
    const responder: Responder = { contract, answer, inHand: new Set() };
    const remove = (): void => {
      this.#responders = this.#responders.filter((each) => each !== responder);
    };
    this.#responders = [...this.#responders, responder];
    try {
      await this.#own.open();
      await this.#own.hear(await this.queues.topic(), '{}');
      await this.#shared.open();
    } catch (error) {
      remove();
      throw error;
    }
    return async () => {
      remove();
      await Promise.all(responder.inHand);
    };
  }

  async close(): Promise<void> {
    this.#responders = [];
    await Promise.all([this.#shared.close(), this.#own.close()]);
  }

  #askOne(message: Message): void {
    const question = this.#read(message);
    const [next, ...others] = this.#responders;
    if (!question) return;
    if (next) {
      this.#responders = [...others, next];
      this.#ask(next, question);
    } else void this.#passOn(message);
  }

  #askAll(message: Message): void {
    const question = this.#read(message);
    if (question) for (const responder of this.#responders) this.#ask(responder, question);
  }

  /** Null for what nobody waits for any more, and for what is no question of ours. */
  #read({ Body }: Message): Question | null {
    const question = readJson<Question>(Body);
    const ours =
      typeof question?.id === 'string' &&
      String(question.replyTo).startsWith(this.queues.replies) &&
      question.until > +this.clock.now();
    return ours ? question : null;
  }

  /** It came in the moment when the last responder of this process left. */
  async #passOn({ Body: MessageBody }: Message): Promise<void> {
    try {
      const { url } = await this.#shared.find();
      await this.connection.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    } catch (error) {
      this.connection.failed('passing on a request', error);
    }
  }

  #ask(responder: Responder, question: Question): void {
    const answered = this.#answer(responder, question)
      .then((reply) => this.#reply(question.replyTo, { id: question.id, ...reply }))
      .catch((error: unknown) => this.connection.failed('answering a request', error))
      .finally(() => responder.inHand.delete(answered));
    responder.inHand.add(answered);
  }

  async #answer({ contract, answer }: Responder, { data }: Question) {
    try {
      return { answer: await answer(parseData(contract, data)) };
    } catch (error) {
      const { code, retriable } = (error ?? {}) as { code?: unknown; retriable?: unknown };
      const message = error instanceof Error ? error.message : String(error);
      return {
        error: {
          message,
          code: typeof code === 'string' ? code : null,
          retriable: retriable !== false,
        },
      };
    }
  }

  async #reply(QueueName: string, reply: object): Promise<void> {
    const { sqs } = this.connection;
    try {
      const url =
        this.#replyUrls.get(QueueName) ??
        (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ??
        '';
      this.#replyUrls.set(QueueName, url);
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: asciiJson(reply) }));
    } catch (error) {
      this.#replyUrls.delete(QueueName);
      // Whoever asked is gone, and took its queue along.
      if (!isMissing(error)) throw error;
    }
  }
}
