const allowed = /^[A-Za-z0-9.-]+$/;
/** The longest name of a queue; `.fifo` counts. */
const longest = 80;
const unordered = /\.(announcements|tasks|live)$/;
/** Last words of the queues that a group has beside its own. */
const reserved = /\.(dead|owner)$/;

/** Whether the order of keys is promised on a channel: then its topic and queues are FIFO. */
export const isOrdered = (channel: string): boolean => !unordered.test(channel);

/**
 * The names of topics and queues. A dot is not allowed in them, so a dot becomes `-` and a dash `_`: `order.announcements` is the topic `order-announcements`. Throws a `TypeError` for what cannot be a name.
 */
export class Names {
  readonly #prefix: string;

  constructor(namespace?: string) {
    this.#prefix = namespace ? `${namespace}.` : '';
  }

  topic(channel: string): string {
    return this.#name(channel, isOrdered(channel));
  }

  queue(group: string, fifo: boolean): string {
    if (reserved.test(group)) {
      throw new TypeError(`group ${group} cannot end in .dead or .owner: queues are named so`);
    }
    return this.#name(group, fifo);
  }

  /** Takes what the queue of the group, or the topic on its way there, gave up on. */
  dead(group: string, fifo: boolean): string {
    return this.#name(`${group}.dead`, fifo);
  }

  /** Holds the token of the group's owner. */
  owner(group: string): string {
    return this.#name(`${group}.owner`, true);
  }

  /** A queue that lives as long as its process: `use` says for what. */
  temporary(use: string, unique: string): string {
    return this.#name(`temporary.${use}.${unique}`, false);
  }

  /** What the names of all topics and queues of the namespace begin with. */
  get prefix(): string {
    return mapped(this.#prefix);
  }

  #name(name: string, fifo: boolean): string {
    const full = `${this.#prefix}${name}`;
    if (!allowed.test(full)) {
      throw new TypeError(
        `"${full}" cannot be a name at SNS and SQS: use letters, digits, . and -`,
      );
    }
    const made = `${mapped(full)}${fifo ? '.fifo' : ''}`;
    if (made.length > longest) {
      throw new TypeError(
        `"${made}" is longer than ${longest} characters, the most that SQS takes`,
      );
    }
    return made;
  }
}

const mapped = (name: string): string => name.replaceAll('-', '_').replaceAll('.', '-');
