import { type FileHandle, open, rm } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { FolderLock, makeFolder, removeDrafts } from '@waybill/local-files';
import { kindOfChannel } from '@waybill/message';
import { BrokerAway, type Clock, every, type Outgoing, systemClock } from '@waybill/messaging';
import { frameOf } from './frame.ts';
import { GroupPlaces } from './group-places.ts';
import { LogEnds } from './log-ends.ts';
import { type LogRecord, type Place, payloadOf, placeOf, recordOf } from './log-record.ts';
import { messagesIn, newSegment, recovered, type Segment, segmentsIn } from './segments.ts';

/** Where a log is, and how much of it is kept. */
export interface MessageLogOptions {
  readonly folder: string;
  /** The most bytes of all its files, but for a message that is larger than an eighth of it; default 64 MiB. */
  readonly mostBytes?: number;
  /** Milliseconds for which a message is kept, and at most an eighth longer; default 7 days. */
  readonly mostAgeMs?: number;
  readonly clock?: Clock;
  /** Called when a write or a sync fails. */
  readonly onTrouble?: (what: string, error: Error) => void;
}

/** Called when a killed process would not lose the message any more, or with an error. */
type Written = (error?: Error) => void;

interface Pending {
  readonly frame: Buffer;
  readonly at: number;
  readonly written: Written;
}

const mebibytes64 = 64 * 1024 * 1024;
const week = 7 * 24 * 3_600_000;
/** A file has this part of the size and the age of the log, because the oldest is deleted as a whole. */
const files = 8;
const syncEvery = 1_000;

/**
 * Events and activity on disk, in the order in which they were published, for groups that read them again. One writer
 * appends what has come meanwhile. A killed process loses nothing that was written; a power cut may lose the last second,
 * because the files are synced once a second.
 */
export class MessageLog {
  readonly #clock: Clock;
  readonly #mostBytes: number;
  readonly #mostAge: number;
  #pending: Pending[] = [];
  #waiting: (() => void)[] = [];
  #isRunning = false;
  #isDirty = false;
  readonly #endSyncing: () => void;

  private constructor(
    private readonly options: MessageLogOptions,
    private readonly lock: FolderLock,
    /** Oldest first; the last one is written. */
    private segments: readonly Segment[],
    private file: FileHandle,
    private readonly ends: LogEnds,
    /** Where its groups continue. */
    readonly places: GroupPlaces,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#mostBytes = options.mostBytes ?? mebibytes64;
    this.#mostAge = options.mostAgeMs ?? week;
    this.#endSyncing = every(
      this.#clock,
      syncEvery,
      () => this.#sync(),
      (error) => this.#tell('syncing', error),
    );
  }

  /** Opens the log of a folder, which it makes if needed. Rejects with `FolderInUse` while another process has it open. */
  static async open(options: MessageLogOptions): Promise<MessageLog> {
    const { folder } = options;
    makeFolder(folder, 0o700);
    const lock = await FolderLock.take(folder);
    try {
      removeDrafts(folder);
      const places = new GroupPlaces(folder);
      const { segments, ends } = await found(folder);
      const last = segments.at(-1);
      if (last) {
        const file = await open(last.path, 'r+');
        return new MessageLog(options, lock, segments, file, ends, places);
      }
      const { segment, file } = await newSegment(folder, 1, ends);
      return new MessageLog(options, lock, [segment], file, ends, places);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Whether the messages of a channel are kept: events and activity. */
  keeps(channel: string): boolean {
    const kind = kindOfChannel(channel);
    return kind === 'event' || kind === 'activity';
  }

  /** The offset after the last message of a partition. */
  end(channel: string, partition: number): number {
    return this.ends.of(channel, partition);
  }

  /** Appends a message, and returns its place. */
  append(message: Outgoing, partition: number, at: number, written: Written): Place {
    const { channel } = message;
    const place = { channel, partition, offset: this.end(channel, partition), at };
    this.ends.pass(place);
    this.#pending.push({ frame: frameOf(payloadOf(place, message)), at, written });
    this.#wake();
    return place;
  }

  /** Resolves when everything that was appended is written, or has failed. */
  async written(): Promise<void> {
    if (this.#isRunning) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The messages of these channels that are kept, oldest first; without those that only another release can read. */
  async *read(channels: ReadonlySet<string>): AsyncGenerator<LogRecord> {
    await this.written();
    for (const segment of this.segments) {
      for await (const payload of messagesIn(segment)) {
        const place = placeOf(payload);
        const record = channels.has(place.channel) ? recordOf(payload, place) : null;
        if (record) yield record;
      }
    }
  }

  /** Writes and syncs what is left, and gives the folder to the next process. */
  async close(): Promise<void> {
    this.#endSyncing();
    await this.written();
    await this.#sync().catch((error: unknown) => this.#tell('syncing', error));
    await this.written();
    await this.file.close();
    await this.places.idle();
    this.lock.release();
  }

  get #last(): Segment {
    return this.segments.at(-1) as Segment;
  }

  #wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** Starts after the current turn, so that all messages of one turn are written together. */
  async #run(): Promise<void> {
    await turn();
    while (this.#pending.length > 0 || this.#waiting.length > 0) {
      const waiting = this.#waiting.splice(0);
      for (const part of partsOf(this.#pending.splice(0), this.#mostBytes / files))
        await this.#write(part);
      for (const done of waiting) done();
    }
    this.#isRunning = false;
  }

  /** A failed write is overwritten by the next one, which begins at the same place. */
  async #write(batch: readonly Pending[]): Promise<void> {
    try {
      const bytes = Buffer.concat(batch.map(({ frame }) => frame));
      if (this.#isOver(bytes.length)) await this.#begin();
      await this.#put(bytes);
      const last = this.#last;
      last.size += bytes.length;
      last.since ??= batch[0]?.at ?? null;
      last.until = batch.at(-1)?.at ?? last.until;
      for (const { written } of batch) written();
    } catch (error) {
      this.#tell('writing', error);
      const away = new BrokerAway(this.options.folder, (error as Error).message);
      for (const { written } of batch) written(away);
    }
  }

  async #put(bytes: Buffer): Promise<void> {
    const { size } = this.#last;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done, size + done);
      done += bytesWritten;
      this.#isDirty = true;
    }
  }

  /** Whether the newest file has messages, and must have no more. */
  #isOver(more: number): boolean {
    const { since, size } = this.#last;
    if (since === null) return false;
    const isFull = more > 0 && size + more > this.#mostBytes / files;
    return isFull || since < this.#now() - this.#mostAge / files;
  }

  async #begin(): Promise<void> {
    const before = this.file;
    const number = this.#last.number + 1;
    const { segment, file } = await newSegment(this.options.folder, number, this.ends);
    this.file = file;
    this.segments = [...this.segments, segment];
    await before.datasync();
    await before.close();
    await this.#deleteOld();
  }

  /** Leaves room for the newest file to fill. */
  async #deleteOld(): Promise<void> {
    const from = this.#now() - this.#mostAge;
    const most = this.#mostBytes - this.#mostBytes / files;
    const older = this.segments.slice(0, -1);
    let bytes = older.reduce((sum, { size }) => sum + size, 0);
    const old = older.filter(({ size, until }) => {
      const goes = bytes > most || until < from;
      if (goes) bytes -= size;
      return goes;
    });
    if (old.length === 0) return;
    this.segments = this.segments.filter((segment) => !old.includes(segment));
    await Promise.all(old.map(({ path }) => rm(path, { force: true })));
  }

  /** Also ends a file that is too old, if nothing is written. */
  async #sync(): Promise<void> {
    if (this.#isOver(0)) {
      this.#wake();
      await this.written();
    }
    if (this.#isDirty) {
      this.#isDirty = false;
      await this.file.datasync();
    }
    await this.#deleteOld();
  }

  #now(): number {
    return this.#clock.now().getTime();
  }

  #tell(doing: string, error: unknown): void {
    this.options.onTrouble?.(`${doing} the log in ${this.options.folder}`, error as Error);
  }
}

/** A batch in parts that fit into a file. A message that does not is a part of its own. */
function partsOf(batch: readonly Pending[], most: number): readonly (readonly Pending[])[] {
  let part: Pending[] = [];
  const parts = [part];
  let size = 0;
  for (const each of batch) {
    size += each.frame.length;
    if (size > most && part.length > 0) {
      part = [];
      parts.push(part);
      size = each.frame.length;
    }
    part.push(each);
  }
  return parts;
}

/** The files of a folder without what a crash left incomplete, and the ends after them. */
async function found(
  folder: string,
): Promise<{ readonly segments: readonly Segment[]; readonly ends: LogEnds }> {
  const segments = await segmentsIn(folder);
  for (let last = segments.at(-1); last; last = segments.at(-1)) {
    const ends = await recovered(last);
    if (ends) return { segments, ends };
    segments.pop();
  }
  return { segments, ends: LogEnds.from() };
}
