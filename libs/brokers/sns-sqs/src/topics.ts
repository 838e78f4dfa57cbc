import { CreateTopicCommand, ListTopicsCommand } from '@aws-sdk/client-sns';
import type { Connection } from './connection.ts';
import { isOrdered, type Names } from './names.ts';

const channelTopic =
  /^[a-z0-9][a-z0-9_]*-(events|commands|replies|tasks|announcements|live|activity)(\.fifo)?$/;

/** The topics of a namespace, each created once. */
export class Topics {
  readonly #made = new Map<string, Promise<string>>();

  constructor(
    private readonly connection: Connection,
    private readonly names: Names,
    /** Called for each topic of a channel before the first message is published to it. */
    private readonly made: (arn: string) => Promise<void>,
  ) {}

  /** The ARN of the topic of a channel. */
  of(channel: string): Promise<string> {
    return this.#once(this.names.topic(channel), isOrdered(channel));
  }

  /** The topics of all channels, including those of other processes. */
  async all(): Promise<readonly string[]> {
    const found: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.connection.sns.send(
        new ListTopicsCommand(NextToken ? { NextToken } : {}),
      );
      found.push(...(page.Topics ?? []).flatMap(({ TopicArn }) => TopicArn ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return found.filter((arn) => this.#isChannel(arn));
  }

  /** Recreates all topics that were created before. */
  async again(): Promise<void> {
    const names = [...this.#made.keys()];
    this.#made.clear();
    await Promise.all(names.map((name) => this.#once(name, name.endsWith('.fifo'))));
  }

  #isChannel(arn: string): boolean {
    const name = arn.slice(arn.lastIndexOf(':') + 1);
    const { prefix } = this.names;
    return name.startsWith(prefix) && channelTopic.test(name.slice(prefix.length));
  }

  #once(name: string, fifo: boolean): Promise<string> {
    const known = this.#made.get(name) ?? this.#make(name, fifo);
    this.#made.set(name, known);
    known.catch(() => this.#made.delete(name));
    return known;
  }

  async #make(Name: string, fifo: boolean): Promise<string> {
    const Attributes: Record<string, string> = fifo ? { FifoTopic: 'true' } : {};
    const answer = await this.connection.sns.send(new CreateTopicCommand({ Name, Attributes }));
    const arn = answer.TopicArn ?? '';
    await this.made(arn);
    return arn;
  }
}
