import type {
  KafkaClient,
  Position,
  ReaderEvents,
  ReaderOptions,
  RecordReader,
} from './client/kafka-client.ts';

/** Callbacks of a lasting reader: those of a reader, but a failure is not final. */
export interface LastingEvents extends Omit<ReaderEvents, 'failed'> {
  /** The connection or the membership is lost; it is being restored. */
  lost(error: Error): void;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;
const mostAttempts = 20;

/** A member of a group that rejoins after every failure, without limit, with pauses that grow to 2 s. */
export class LastingReader {
  #reader: RecordReader | null = null;
  #failures = 0;
  #failed = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #opening: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: KafkaClient,
    private readonly options: () => ReaderOptions,
    /** Runs before each attempt after a failure, because a topic may be gone, and no reader can start without it. */
    private readonly lookAtTopics: () => Promise<unknown>,
    private readonly events: LastingEvents,
  ) {}

  /** Resolves with the first assignment; rejects when Kafka is unreachable. */
  async open(): Promise<void> {
    this.#opening = this.#openPatiently();
    await this.#opening;
  }

  /** False while it reconnects. */
  isUp(): boolean {
    return this.#reader !== null;
  }

  /** Leaves the group and, after a pause, rejoins it with the current options. */
  async restart(pauseMs = 0): Promise<void> {
    await this.#opening.catch(() => undefined);
    clearTimeout(this.#timer);
    const reader = this.#reader;
    this.#reader = null;
    await closeIn(reader);
    if (!this.#closed) this.#later(pauseMs);
  }

  pause(topic: string, partition: number): void {
    this.#reader?.pause(topic, partition);
  }

  resume(topic: string, partition: number): void {
    this.#reader?.resume(topic, partition);
  }

  async commit(positions: readonly Position[]): Promise<void> {
    await this.#reader?.commit(positions);
  }

  /** Leaves the group, also during a join; takes at most a few seconds, whatever Kafka does. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const reader = this.#reader;
    this.#reader = null;
    await Promise.all([closeIn(reader), within(this.#opening)]);
  }

  /**
   * A Kafka that has just started, or never had a group, needs some seconds to find its coordinators; a busy one may
   * not know a new topic yet.
   */
  async #openPatiently(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#open();
        return;
      } catch (error) {
        const early = /coordinator|does not host this topic-partition/i.test(String(error));
        if (!early || attempt >= mostAttempts || this.#closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  async #openAgain(): Promise<void> {
    if (this.#failed) await this.lookAtTopics();
    this.#failed = false;
    if (!this.#closed) await this.#open();
  }

  async #open(): Promise<void> {
    const reader: RecordReader = this.client.reader(this.options(), {
      joined: (assignment) => (this.#isCurrent(reader) ? this.events.joined(assignment) : []),
      rebalancing: () => this.#isCurrent(reader) && this.events.rebalancing(),
      records: (topic, partition, records) => {
        if (this.#isCurrent(reader)) this.events.records(topic, partition, records);
      },
      failed: (error) => this.#lose(reader, error),
    });
    this.#reader = reader;
    try {
      await reader.open();
    } catch (error) {
      if (this.#isCurrent(reader)) this.#reader = null;
      const closed = closeIn(reader);
      if (this.#closed) await closed;
      throw error;
    }
    if (this.#isCurrent(reader)) this.#failures = 0;
    else await closeIn(reader);
  }

  #isCurrent(reader: RecordReader): boolean {
    return this.#reader === reader && !this.#closed;
  }

  #lose(reader: RecordReader, error: Error): void {
    if (!this.#isCurrent(reader)) return;
    this.#failed = true;
    this.#reader = null;
    void closeIn(reader);
    this.events.lost(error);
    this.#later(firstPauseMs);
  }

  #later(pauseMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#opening = this.#openAgain();
      this.#opening.catch((error: Error) => {
        if (this.#closed) return;
        this.#failed = true;
        this.#failures += 1;
        this.events.lost(error);
        this.#later(Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures));
      });
    }, pauseMs);
  }
}

/** Time limit of closing, because an unreachable server ends the membership by itself. */
const patienceMs = 3_000;

const closeIn = (reader: RecordReader | null): Promise<void> => within(reader?.close());

async function within(ending: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([ending?.catch(() => undefined), patience]);
  clearTimeout(timer);
}
