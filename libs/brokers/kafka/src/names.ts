/** Names in Kafka: topics and groups of one system begin with its namespace. */
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

  /** The channel of a topic, or null when the topic is none of ours. */
  channel(topic: string): string | null {
    if (!topic.startsWith(this.#prefix)) return null;
    const channel = topic.slice(this.#prefix.length);
    return ours.test(channel) ? channel : null;
  }
}

/** What `channelOf` of the contracts makes. */
const ours = /^[^.]+\.(events|commands|replies|tasks|announcements|activity|live)$/;
