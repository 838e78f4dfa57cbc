import { join } from 'node:path';
import { readWhole, writeWhole } from '@waybill/local-files';

/** The offsets at which a group reads again, by partition; null: it has caught up, and gets what is published. */
export type GroupPlace = readonly number[] | null;
type Places = Record<string, Record<string, GroupPlace>>;

const remedy = 'remove it, and every group reads the log from the beginning';

/** Where groups continue in the log, in a file beside it, so that a crash does not end a replay. */
export class GroupPlaces {
  #writing: Promise<unknown> = Promise.resolve();
  readonly #path: string;
  readonly #places: Places;

  /** Reads the file of a folder; without one no group is known. */
  constructor(folder: string) {
    this.#path = join(folder, 'groups.json');
    this.#places = readWhole(this.#path, (text) => JSON.parse(text) as Places, remedy) ?? {};
  }

  /** A group that is new to a channel reads it from the beginning. */
  of(group: string, channel: string): GroupPlace {
    const found = this.#places[group]?.[channel];
    return found === undefined ? [] : found;
  }

  set(group: string, channel: string, place: GroupPlace): void {
    this.#places[group] = { ...this.#places[group], [channel]: place };
  }

  /** Resolves when the places are on disk. */
  async save(): Promise<void> {
    const write = () => writeWhole(this.#path, JSON.stringify(this.#places));
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#writing]);
  }
}
