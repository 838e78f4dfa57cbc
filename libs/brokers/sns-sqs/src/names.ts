const allowed = /^[A-Za-z0-9.-]+$/;
/** The maximum length of a queue name, including `.fifo`. */
const longest = 80;
const unordered = /\.(announcements|tasks|live)$/;
/** Suffixes of the other queues of a group. */
const reserved = /\.(dead|owners|members)$/;

/** Whether a channel guarantees the order of keys: then its topic and queues are FIFO. */
export const isOrdered = (channel: string): boolean => !unordered.test(channel);

/**
 * Names of topics and queues, which allow no dot: `.` becomes `-`, and `-` becomes `_`. Throws a `TypeError` for an invalid name.
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
      throw new TypeError(
        `group ${group} cannot end in .dead, .owners or .members: queues are named so`,
      );
    }
    return this.#name(group, fifo);
  }

  /** Receives what the queue of the group, or its SNS subscription, gave up on. */
  dead(group: string, fifo: boolean): string {
    return this.#name(`${group}.dead`, fifo);
  }

  /** Contains a token of each partition of the group. */
  owners(group: string): string {
    return this.#name(`${group}.owners`, true);
  }

  /** Contains the seats of the consumers of the group. */
  members(group: string): string {
    return this.#name(`${group}.members`, true);
  }

  /** A queue that exists as long as its process; `use` names its purpose. */
  temporary(use: string, unique: string): string {
    return this.#name(`temporary.${use}.${unique}`, false);
  }

  /** The prefix of all topics and queues of the namespace. */
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
