import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

const megabyte = 1_048_576;

export interface DiskSpace {
  readonly totalMb: number;
  readonly freeMb: number;
}

/** The disk that fills with what this service takes in, and how much of it must stay free. */
export class Disk {
  constructor(
    /** Null where the data are on another machine, whose disk nobody here can see. */
    readonly folder: string | null,
    readonly reserveMb: number,
  ) {}

  /** Of the folder that is named; else of the data folder, where there is one. */
  static of(
    { diskFolder, limits }: { diskFolder: string | null; limits: { diskReserveMb: number } },
    { dataFolder }: { dataFolder: string },
  ): Disk {
    return new Disk(
      diskFolder ?? (existsSync(dataFolder) ? dataFolder : null),
      limits.diskReserveMb,
    );
  }

  /** What there is now; null without a folder. Rejects when the folder cannot be looked at. */
  async space(): Promise<DiskSpace | null> {
    if (this.folder === null) return null;
    const { blocks, bavail, bsize } = await statfs(this.folder);
    return { totalMb: (blocks * bsize) / megabyte, freeMb: (bavail * bsize) / megabyte };
  }

  /** True when no more than the reserve is free. */
  async isShort(): Promise<boolean> {
    const space = await this.space();
    return space !== null && space.freeMb < this.reserveMb;
  }

  /** Percent of what may be used: 100 when nothing but the reserve is left, 0 where nobody can see. */
  async use(): Promise<number> {
    const space = await this.space();
    if (space === null) return 0;
    const usable = space.totalMb - this.reserveMb;
    const free = space.freeMb - this.reserveMb;
    return usable <= 0 ? 100 : Math.min(100, Math.round((1 - free / usable) * 100));
  }
}
