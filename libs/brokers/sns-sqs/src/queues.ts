import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { Connection } from './connection.ts';

/** The address of a queue. */
export interface Queue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  /** The tags when it was found, read only if it was made with tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** The attributes when it was found. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Creates queues, each once. */
export class Queues {
  readonly #made = new Map<string, Promise<Queue>>();
  readonly #configured = new Map<string, string>();

  constructor(private readonly connection: Connection) {}

  /** Creates or finds a queue; `tags` apply only to a new one. */
  make(name: string, tags: Readonly<Record<string, string>> = {}): Promise<Queue> {
    const known = this.#made.get(name) ?? this.#make(name, tags);
    this.#made.set(name, known);
    known.catch(() => this.#made.delete(name));
    return known;
  }

  /** Sets attributes, unless the queue already has them. */
  async configure(queue: Queue, attributes: Readonly<Record<string, string>>): Promise<void> {
    const wanted = JSON.stringify(attributes);
    const before = this.#configured.get(queue.name);
    if (before === wanted || (before === undefined && hasAll(queue.attributes, attributes))) return;
    await this.connection.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { ...attributes } }),
    );
    this.#configured.set(queue.name, wanted);
  }

  /** Forgets all queues, so that they are created again. */
  forget(): void {
    this.#made.clear();
    this.#configured.clear();
  }

  async #make(name: string, tags: Readonly<Record<string, string>>): Promise<Queue> {
    const { sqs } = this.connection;
    const url = await this.#create(name, tags);
    const requested = { QueueUrl: url, AttributeNames: ['All' as const] };
    const [{ Attributes = {} }, found] = await Promise.all([
      sqs.send(new GetQueueAttributesCommand(requested)),
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

/** True if `found` contains all of `wanted`, so nothing has to be set. */
export const hasAll = (
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([name, value]) => found[name] === value);

const isFifo = (name: string): boolean => name.endsWith('.fifo');
