import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncFolder } from '@waybill/local-files';

const newline = 10;

interface Waiting {
  readonly lines: string;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

/** The log cannot be written or read; the message names its file. */
export class BrokenLog extends Error {
  readonly code = 'broken_log';
}

/**
 * An append-only file of JSON lines. `append` resolves when its lines are on disk; concurrent appends share one
 * sync, so even a disk with syncs of 5 ms takes thousands of lines per second.
 *
 * After a failed write the log accepts no more lines, because the content of the disk is unknown and may differ from memory:
 * its owner must end, and restart from the file.
 */
export class AppendLog<R extends object> {
  /** Resolves with the error of the first failed write. */
  readonly failed: Promise<BrokenLog>;
  private waiting: Waiting[] = [];
  private newest: Promise<void> = Promise.resolve();
  private flushing: Promise<void> | undefined;
  private broken: BrokenLog | undefined;
  private fail!: (broken: BrokenLog) => void;

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    /** The content of the file when it was opened, until it is replayed. */
    private old: readonly string[],
  ) {
    this.failed = new Promise((resolve) => {
      this.fail = resolve;
    });
  }

  /**
   * Opens or creates the file, and reads and syncs its content. A line that a crash cut off was never
   * confirmed, so it is removed.
   */
  static async open<R extends object>(path: string): Promise<AppendLog<R>> {
    makeFolder(dirname(path));
    const file = await open(path, 'a+');
    const bytes = await file.readFile();
    const end = bytes.lastIndexOf(newline) + 1;
    if (end < bytes.length) await file.truncate(end);
    await file.datasync();
    syncFolder(dirname(path));
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    return new AppendLog<R>(path, file, lines);
  }

  /**
   * Passes the lines that the file contained when it was opened to `take`, once. If a line is not JSON or `take` throws, closes
   * the file and rejects with a `BrokenLog` that names the line.
   */
  async replay(take: (record: unknown) => void): Promise<void> {
    const lines = this.old;
    this.old = [];
    for (const [index, line] of lines.entries()) {
      try {
        take(parsed(line));
      } catch (cause) {
        await this.file.close();
        throw unusable(`line ${index + 1} of ${this.path}`, cause);
      }
    }
  }

  append(...records: readonly R[]): Promise<void> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    this.newest = new Promise((written, failed) => {
      this.waiting.push({ lines, written, failed });
      this.flushing ??= this.flush();
    });
    return this.newest;
  }

  /** Resolves when everything appended so far is on disk; rejects if part of it may not be. */
  safe(): Promise<void> {
    return this.broken === undefined ? this.newest : Promise.reject(this.broken);
  }

  async close(): Promise<void> {
    await this.flushing;
    await this.file.close();
  }

  private async flush(): Promise<void> {
    // Appends of the same turn of the event loop share the first sync.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.file.appendFile(batch.map(({ lines }) => lines).join(''));
        await this.file.datasync();
        for (const { written } of batch) written();
      } catch (error) {
        this.breakDown(error, [...batch, ...this.waiting]);
      }
    }
    this.flushing = undefined;
  }

  private breakDown(cause: unknown, waiting: readonly Waiting[]): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.broken = new BrokenLog(`${this.path} cannot be written: ${reason}`, { cause });
    this.waiting = [];
    for (const { failed } of waiting) failed(this.broken);
    this.fail(this.broken);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new SyntaxError('is no JSON', { cause });
  }
}

function unusable(line: string, cause: unknown): BrokenLog {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = 'restore the file from a backup, or move it away to begin empty';
  return new BrokenLog(`${line} ${reason}: ${remedy}`, { cause });
}
