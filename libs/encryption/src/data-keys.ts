import { KeysUnavailable } from './errors.ts';
import { type DataKey, SubjectKeys } from './subject-keys.ts';

/** The owner of the keys. */
export interface KeySource {
  /**
   * All versions of the key of a subject; makes the first one for a subject that has none. Empty once they were deleted.
   * Rejects if that is unknown now.
   */
  find(subject: string): Promise<readonly DataKey[]>;
}

const second = 1_000;
/** Milliseconds until keys are read again: a new version, or an erasure, is noticed after this time. */
const freshFor = 60 * second;
/** Milliseconds for which keys are used while their source is unavailable. */
const usedFor = 15 * 60 * second;
/** Subjects whose keys are held at a time. */
const mostSubjects = 10_000;

interface Cached {
  readonly keys: SubjectKeys;
  readonly readAt: number;
}

/**
 * The keys of subjects, cached in memory for a minute. While their source is unavailable, keys that were read in the last
 * 15 minutes are used. Concurrent reads for a subject share one.
 */
export class DataKeys {
  /** The least recently read first. */
  private readonly cached = new Map<string, Cached>();
  private readonly reading = new Map<string, Promise<SubjectKeys>>();

  constructor(
    private readonly source: KeySource,
    private readonly clock: { now(): Date },
  ) {}

  /** At once if they are cached. Rejects with `KeysUnavailable`. */
  of(subject: string): SubjectKeys | Promise<SubjectKeys> {
    const cached = this.cached.get(subject);
    return cached && this.age(cached) < freshFor ? cached.keys : this.read(subject);
  }

  /** Reads the keys of a subject again, as after a new version. Rejects with `KeysUnavailable`. */
  read(subject: string): Promise<SubjectKeys> {
    const under = this.reading.get(subject);
    if (under) return under;
    const isCurrent = (): boolean => this.reading.get(subject) === reading;
    const reading = this.readNow(subject, isCurrent).finally(() => {
      if (isCurrent()) this.reading.delete(subject);
    });
    this.reading.set(subject, reading);
    return reading;
  }

  /** Removes the keys of a subject from memory; a read under way, which may still find them, is not cached. */
  forget(subject: string): void {
    this.cached.delete(subject);
    this.reading.delete(subject);
  }

  private async readNow(subject: string, isCurrent: () => boolean): Promise<SubjectKeys> {
    try {
      const keys = new SubjectKeys(subject, await this.source.find(subject));
      if (isCurrent()) this.hold({ keys, readAt: this.clock.now().getTime() });
      return keys;
    } catch (error) {
      const stale = this.cached.get(subject);
      if (stale && this.age(stale) < usedFor) return stale.keys;
      throw new KeysUnavailable(subject, error);
    }
  }

  private hold(cached: Cached): void {
    const { subject } = cached.keys;
    this.cached.delete(subject);
    this.cached.set(subject, cached);
    const [oldest] = this.cached.keys();
    if (this.cached.size > mostSubjects && oldest !== undefined) this.cached.delete(oldest);
  }

  private age({ readAt }: Cached): number {
    return this.clock.now().getTime() - readAt;
  }
}
