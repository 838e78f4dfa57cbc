/** Names in Kafka: the topics and groups of one system start with its namespace. */
export class Names {
  readonly #prefix: string;

  constructor(namespace: string | undefined) {
    this.#prefix = namespace ? `${namespace}.` : '';
  }

  topic(channel: string): string {
    return `${this.#prefix}${channel}`;
  }

  group(name: string): string {
    return `${this.#prefix}${name}`;
  }

  /** The channel of a topic, or null for a topic of another system. */
  channel(topic: string): string | null {
    if (!topic.startsWith(this.#prefix)) return null;
    const channel = topic.slice(this.#prefix.length);
    return ours.test(channel) ? channel : null;
  }
}

/** The names that `channelOf` of the contracts generates. */
const ours = /^[^.]+\.(events|commands|replies|tasks|announcements|activity|live)$/;
