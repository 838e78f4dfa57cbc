import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

const megabyte = 1_048_576;

export interface DiskSpace {
  readonly totalMb: number;
  readonly freeMb: number;
}

/** The disk that the service's data fills, and the space that must stay free. */
export class Disk {
  constructor(
    /** Null if the data are on another machine, whose disk cannot be read. */
    readonly folder: string | null,
    readonly reserveMb: number,
  ) {}

  /** Of the configured folder, else of the data folder if it exists. */
  static of(
    { diskFolder, limits }: { diskFolder: string | null; limits: { diskReserveMb: number } },
    { dataFolder }: { dataFolder: string },
  ): Disk {
    return new Disk(
      diskFolder ?? (existsSync(dataFolder) ? dataFolder : null),
      limits.diskReserveMb,
    );
  }

  /** The current space; null without a folder. Rejects when the folder cannot be read. */
  async space(): Promise<DiskSpace | null> {
    if (this.folder === null) return null;
    const { blocks, bfree, bavail, bsize } = await statfs(this.folder);
    // Blocks that only root may use are neither full nor free; `df` counts in the same way.
    const total = blocks - bfree + bavail;
    return { totalMb: (total * bsize) / megabyte, freeMb: (bavail * bsize) / megabyte };
  }

  /** True when no more space is free than the reserve. */
  async isShort(): Promise<boolean> {
    const space = await this.space();
    return space !== null && space.freeMb < this.reserveMb;
  }

  /** Percent of the usable space: 100 when only the reserve is left, 0 without a folder. */
  async use(): Promise<number> {
    const space = await this.space();
    if (space === null) return 0;
    const usable = space.totalMb - this.reserveMb;
    const free = space.freeMb - this.reserveMb;
    return usable <= 0 ? 100 : Math.min(100, Math.round((1 - free / usable) * 100));
  }
}
