import type { CrashMarks } from './store.ts';
import { CrashSuspect, type Work } from './work.ts';

/** How many messages after an unclean stop are marked before they are begun. */
const marked = 200;
/** One in a batch and three alone. Fewer would find a message too, but a process killed again and again from outside would bury innocent ones. */
const crashesAllowed = 4;

/**
 * After an unclean stop the first messages are marked durably before they begin, a batch at a time. What a batch had in
 * hand when the process died again is under suspicion and runs alone: at its third crash with nothing else in hand it is
 * refused from then on, and becomes a dead letter.
 */
export class CautiousStart {
  private left = 0;
  private hasCleared = true;
  private readonly suspects = new Set<string>();

  constructor(private readonly marks: CrashMarks | undefined) {}

  async open(): Promise<void> {
    const found = await this.marks?.open();
    if (!found?.unclean) return;
    this.left = marked;
    this.hasCleared = false;
    for (const id of found.suspects) this.suspects.add(id);
  }

  /** True when these, which are next, must be marked before they begin. */
  concerns(works: readonly Work[]): boolean {
    return this.left > 0 || (this.suspects.size > 0 && works.some((work) => this.isSuspect(work)));
  }

  /** How many of these, from the first on, may run together. */
  together(works: readonly Work[]): number {
    const suspect = works.findIndex((work) => this.isSuspect(work));
    return suspect === -1 ? works.length : Math.max(1, suspect);
  }

  /** Marks the messages that are about to run together. */
  async begin(works: readonly Work[]): Promise<void> {
    const ids = idsOf(works);
    const starts = ids.length > 0 ? await this.marks?.begin(ids) : undefined;
    for (const work of works) {
      const begun = (work.envelope && starts?.get(work.envelope.id)) ?? 0;
      if (work.envelope && begun > crashesAllowed) {
        work.refusal = new CrashSuspect(work.envelope.type, begun - 1);
      }
    }
    this.left -= ids.length;
  }

  /** The messages came to an end, be it a retry: their marks go, or the next attempt would count as a crash. */
  async end(works: readonly Work[]): Promise<void> {
    const ids = idsOf(works);
    for (const id of ids) this.suspects.delete(id);
    if (this.left <= 0 && !this.hasCleared) {
      // A suspect that has not come yet may wait behind the backlog of another shard.
      await this.marks?.clear({ running: true, sparing: [...this.suspects] });
      this.hasCleared = true;
    } else if (ids.length > 0) await this.marks?.end(ids);
  }

  async close(): Promise<void> {
    await this.marks?.clear({ running: false, sparing: [] });
  }

  private isSuspect({ envelope }: Work): boolean {
    return envelope !== null && this.suspects.has(envelope.id);
  }
}

/** Of those that would come again after a crash. */
const idsOf = (works: readonly Work[]): readonly string[] =>
  works.flatMap(({ envelope, origin }) =>
    envelope && origin.from !== 'caller' ? [envelope.id] : [],
  );
