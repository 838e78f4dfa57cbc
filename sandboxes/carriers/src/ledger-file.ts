import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LedgerEntry } from './booking.ts';

/** Where a ledger keeps its lines. `append` resolves when the lines are safe. */
export interface LedgerStore {
  append(entries: readonly LedgerEntry[]): Promise<void>;
  /** Resolves when everything appended so far is safe. */
  safe(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing; for benchmarks and unit tests. */
export const forgetful: LedgerStore = {
  append: async () => {},
  safe: async () => {},
  close: async () => {},
};

/** Reads the lines of a file. A last line that a crash cut off was never answered, so it does not count. */
async function read(file: string): Promise<{ entries: LedgerEntry[]; length: number }> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const length = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, length).toString('utf8').split('\n').filter(Boolean);
  return { entries: lines.map((line) => JSON.parse(line) as LedgerEntry), length };
}

/** An append-only file. All lines that come while one sync runs share the next, so it takes thousands a second. */
export class LedgerFile implements LedgerStore {
  private waiting: string[] = [];
  private flushing: Promise<void> | null = null;
  private broken: Error | null = null;

  private constructor(
    private readonly handle: FileHandle,
    private length: number,
  ) {}

  /** Opens or creates the file, and answers what it holds. */
  static async open(file: string): Promise<{ store: LedgerFile; entries: LedgerEntry[] }> {
    await mkdir(dirname(file), { recursive: true });
    const { entries, length } = await read(file);
    const handle = await open(file, length === 0 ? 'w' : 'r+');
    await handle.truncate(length);
    return { store: new LedgerFile(handle, length), entries };
  }

  append(entries: readonly LedgerEntry[]): Promise<void> {
    for (const entry of entries) this.waiting.push(`${JSON.stringify(entry)}\n`);
    return this.safe();
  }

  async safe(): Promise<void> {
    if (this.broken) throw this.broken;
    if (this.flushing && this.waiting.length > 0) await this.flushing;
    if (!this.flushing && this.waiting.length > 0) {
      this.flushing = this.flush().finally(() => {
        this.flushing = null;
      });
    }
    await this.flushing;
  }

  async close(): Promise<void> {
    await this.safe();
    await this.handle.close();
  }

  private async flush(): Promise<void> {
    if (this.broken) throw this.broken;
    const bytes = Buffer.from(this.waiting.join(''));
    this.waiting = [];
    try {
      await this.write(bytes);
      await this.handle.datasync();
    } catch (error) {
      // What the disk holds is unknown from here on; only a restart reads it again.
      this.broken = error as Error;
      throw error;
    }
  }

  private async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(
        bytes,
        done,
        bytes.length - done,
        this.length,
      );
      done += bytesWritten;
      this.length += bytesWritten;
    }
  }
}
