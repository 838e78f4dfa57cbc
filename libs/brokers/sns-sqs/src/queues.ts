import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { Connection } from './connection.ts';

/** Where a queue is. */
export interface Queue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  /** As they were when it was found; those that it was made with, where it was made with any. */
  readonly tags: Readonly<Record<string, string>>;
  /** As they were when it was found. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Makes queues, each once. */
export class Queues {
  readonly #made = new Map<string, Promise<Queue>>();
  readonly #configured = new Map<string, string>();

  constructor(private readonly connection: Connection) {}

  /** The queue of a name; `tags` count when it is new, else it keeps its own. */
  make(name: string, tags: Readonly<Record<string, string>> = {}): Promise<Queue> {
    const known = this.#made.get(name) ?? this.#make(name, tags);
    this.#made.set(name, known);
    known.catch(() => this.#made.delete(name));
    return known;
  }

  /** Sets attributes, unless it was found so or they were set just so before. */
  async configure(queue: Queue, attributes: Readonly<Record<string, string>>): Promise<void> {
    const wanted = JSON.stringify(attributes);
    const before = this.#configured.get(queue.name);
    if (before === wanted || (before === undefined && hasAll(queue.attributes, attributes))) return;
    await this.connection.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { ...attributes } }),
    );
    this.#configured.set(queue.name, wanted);
  }

  /** Makes everything anew from now on. */
  forget(): void {
    this.#made.clear();
    this.#configured.clear();
  }

  async #make(name: string, tags: Readonly<Record<string, string>>): Promise<Queue> {
    const { sqs } = this.connection;
    const url = await this.#create(name, tags);
    const asked = { QueueUrl: url, AttributeNames: ['All' as const] };
    const [{ Attributes = {} }, found] = await Promise.all([
      sqs.send(new GetQueueAttributesCommand(asked)),
      Object.keys(tags).length > 0 ? sqs.send(new ListQueueTagsCommand({ QueueUrl: url })) : null,
    ]);
    return {
      name,
      url,
      arn: Attributes.QueueArn ?? '',
      fifo: isFifo(name),
      tags: found?.Tags ?? {},
      attributes: Attributes,
    };
  }

  async #create(QueueName: string, tags: Readonly<Record<string, string>>): Promise<string> {
    const { sqs } = this.connection;
    const Attributes = isFifo(QueueName)
      ? {
          FifoQueue: 'true',
          DeduplicationScope: 'messageGroup',
          FifoThroughputLimit: 'perMessageGroupId',
        }
      : {};
    try {
      const made = await sqs.send(new CreateQueueCommand({ QueueName, Attributes, tags }));
      return made.QueueUrl ?? '';
    } catch (error) {
      if (!/QueueNameExists|QueueAlreadyExists/.test(String((error as Error).name))) throw error;
      return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
    }
  }
}

/** What is there already need not be set again. */
export const hasAll = (
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([name, value]) => found[name] === value);

const isFifo = (name: string): boolean => name.endsWith('.fifo');
