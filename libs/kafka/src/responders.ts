import { type Contract, parseData, shardOf } from '@waybill/contracts';
import type { Delivery } from '@waybill/messaging';
import { type Answer, type Question, readQuestion, refusalOf } from './answers.ts';
import type { StoredRecord } from './client/kafka-client.ts';
import { GroupConsumer } from './group-consumer.ts';
import { GroupCounts } from './group-counts.ts';
import { answerChannel, type RequestParts, requestChannel } from './requests.ts';
import { Tail } from './tail.ts';
import { DeclaredGroup } from './topology.ts';

interface Responder {
  readonly contract: Contract;
  readonly answer: (data: unknown) => Promise<unknown>;
  readonly inHand: Set<Promise<void>>;
}

/** The responders of one type in this process, and how they hear of requests. */
interface Hearing {
  responders: readonly Responder[];
  readonly consumer: GroupConsumer;
}

/**
 * The answering side: requests to one come by a group of all responders of their type, requests to all by a reader of
 * this process alone. Requests past their deadline are not answered.
 */
export class Responders {
  readonly #hearing = new Map<string, Promise<Hearing>>();
  #tail: Tail | null = null;

  constructor(private readonly parts: RequestParts & { readonly commitMs: number }) {}

  isUp(): boolean {
    return this.#tail?.isUp() ?? true;
  }

  /** Answers from now on; the returned function ends it when what is asked is answered. */
  async respond(contract: Contract, answer: Responder['answer']): Promise<() => Promise<void>> {
    const responder: Responder = { contract, answer, inHand: new Set() };
    const { type } = contract;
    let opening = this.#hearing.get(type);
    if (!opening) {
      opening = this.#open(type, responder);
      this.#hearing.set(type, opening);
      opening.catch(() => this.#hearing.delete(type));
      await opening;
    } else {
      const hearing = await opening;
      hearing.responders = [...hearing.responders, responder];
    }
    return () => this.#leave(type, responder);
  }

  /** Hears no more requests. */
  async close(): Promise<void> {
    const hearing = await Promise.allSettled(this.#hearing.values());
    this.#hearing.clear();
    await Promise.all(
      hearing.map((each) => each.status === 'fulfilled' && each.value.consumer.leave()),
    );
    await this.#tail?.close();
  }

  async #open(type: string, first: Responder): Promise<Hearing> {
    const { client, clock, names, topics, commitMs, onTrouble } = this.parts;
    const channel = requestChannel(type);
    const topic = names.topic(channel);
    const [shards = 1] = await topics.ensure([topic, names.topic(answerChannel)]);
    const group = new DeclaredGroup(`${type}.responders`, shards);
    group.bind(
      { name: group.name, kind: 'request', shards, bindings: [{ channel, pattern: '#' }] },
      new Map(),
    );
    const hearing: Hearing = {
      responders: [first],
      consumer: new GroupConsumer({
        client,
        clock,
        group,
        groupId: names.group(group.name),
        instance: null,
        prefetch: 1_000,
        commitMs,
        counts: new GroupCounts(),
        topics,
        topicOf: (each) => names.topic(each),
        onTrouble,
        listener: {
          assigned: async () => undefined,
          revoked: () => undefined,
          deliver: (delivery) => this.#taken(delivery, type),
        },
      }),
    };
    this.#tail ??= new Tail({
      client,
      groupId: `${this.parts.groupId}.requests`,
      records: (_, records) => this.#takeForAll(records),
      lookAt: (all) => topics.restore(all).then(() => all),
      onTrouble: (error) => onTrouble('requests to all', error),
    });
    await Promise.all([hearing.consumer.open(), this.#tail.follow([topic])]);
    return hearing;
  }

  async #leave(type: string, responder: Responder): Promise<void> {
    const hearing = await this.#hearing.get(type);
    if (!hearing) return;
    hearing.responders = hearing.responders.filter((each) => each !== responder);
    if (hearing.responders.length === 0) {
      this.#hearing.delete(type);
      await hearing.consumer.leave();
    }
    await Promise.allSettled(responder.inHand);
  }

  /** It is acked at once: an answer that does not come is a matter of whoever asked. */
  #taken(delivery: Delivery, type: string): void {
    delivery.ack();
    const question = readQuestion(delivery.body);
    if (question?.ask === 'one' && question.type === type) void this.#ask(question, 1);
  }

  #takeForAll(records: readonly StoredRecord[]): void {
    for (const { value } of records) {
      const question = readQuestion(value);
      if (question?.ask === 'all') void this.#ask(question, Number.POSITIVE_INFINITY);
    }
  }

  /** Asks the next responders of the type: they take turns. */
  async #ask(question: Question, atMost: number): Promise<void> {
    if (question.until <= this.parts.clock.now().getTime()) return;
    const hearing = await this.#hearing.get(question.type)?.catch(() => null);
    if (!hearing) return;
    const asked = hearing.responders.slice(0, atMost);
    hearing.responders = [...hearing.responders.slice(asked.length), ...asked];
    for (const responder of asked) {
      const answered = this.#answer(responder, question)
        .catch((error: Error) => this.parts.onTrouble(`answer to ${question.type}`, error))
        .finally(() => responder.inHand.delete(answered));
      responder.inHand.add(answered);
    }
  }

  async #answer({ contract, answer }: Responder, { id, data }: Question): Promise<void> {
    let value: string;
    try {
      value = write({ answer: await answer(parseData(contract, data)) });
    } catch (error) {
      value = write(refusalOf(error));
    }
    const { names, topics, sender, clock, onTrouble } = this.parts;
    const topic = names.topic(answerChannel);
    const [partitions = 1] = await topics.ensure([topic]);
    const record = {
      topic,
      partition: shardOf(id, partitions),
      key: id,
      value,
      headers: { 'request-id': id, type: contract.type },
      timestamp: clock.now().getTime(),
    };
    const settled = (error?: Error) => error && onTrouble(`answer to ${contract.type}`, error);
    sender.take([{ record, settled }]);
  }
}

const write = (said: Answer): string => JSON.stringify(said);
