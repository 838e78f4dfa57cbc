import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

const newline = 10;

interface Waiting {
  readonly lines: string;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A file of JSON lines that only grows. `append` resolves when its lines are on disk; those that come together
 * share one sync, so a disk of 5 ms still takes thousands a second.
 */
export class AppendLog<R extends object> {
  private waiting: Waiting[] = [];
  private newest: Promise<void> = Promise.resolve();
  private flushing: Promise<void> | undefined;
  private broken: unknown;

  private constructor(private readonly file: FileHandle) {}

  /** Opens or creates the file, and reads what it holds. A line that a crash cut off was never confirmed: it goes. */
  static async open<R extends object>(
    path: string,
  ): Promise<{ log: AppendLog<R>; records: readonly R[] }> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    const bytes = await file.readFile();
    const end = bytes.lastIndexOf(newline) + 1;
    if (end < bytes.length) await file.truncate(end);
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    return { log: new AppendLog<R>(file), records: lines.map((line) => JSON.parse(line) as R) };
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

  /** Resolves when everything appended so far is on disk. */
  safe(): Promise<void> {
    return this.broken === undefined ? this.newest : Promise.reject(this.broken);
  }

  async close(): Promise<void> {
    await this.flushing;
    await this.file.close();
  }

  private async flush(): Promise<void> {
    // Requests of the same turn of the event loop join the first sync.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.file.appendFile(batch.map(({ lines }) => lines).join(''));
        await this.file.datasync();
        for (const { written } of batch) written();
      } catch (error) {
        // After a failed sync nobody knows what the disk holds; only a restart can tell.
        this.broken = error;
        for (const { failed } of [...batch, ...this.waiting]) failed(error);
        this.waiting = [];
      }
    }
    this.flushing = undefined;
  }
}
