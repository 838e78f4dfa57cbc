import type { CrashMarks } from './store.ts';
import { CrashSuspect, type Work } from './work.ts';

/** How many messages are marked before they begin, after an unclean shutdown. */
const marked = 200;
/** One in a batch and three alone. Fewer could dead-letter innocent messages if the process is killed repeatedly from outside. */
const crashesAllowed = 4;

/**
 * After an unclean shutdown, the first messages are marked durably before they begin, batch by
 * batch. If the process dies again, the messages of its batch are suspects and run alone: at the
 * third crash while it runs alone, a message is refused from then on and becomes a dead letter.
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

  /** True if these next messages must be marked before they begin. */
  concerns(works: readonly Work[]): boolean {
    return this.left > 0 || (this.suspects.size > 0 && works.some((work) => this.isSuspect(work)));
  }

  /** How many of these, from the first on, may run in one batch. */
  together(works: readonly Work[]): number {
    const suspect = works.findIndex((work) => this.isSuspect(work));
    return suspect === -1 ? works.length : Math.max(1, suspect);
  }

  /** Marks the messages of the next batch; one that was begun too often gets a `CrashSuspect` as its refusal. */
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

  /** The messages have ended, even by a retry: removes their marks, or the next attempt would count as a crash. */
  async end(works: readonly Work[]): Promise<void> {
    const ids = idsOf(works);
    for (const id of ids) this.suspects.delete(id);
    if (this.left <= 0 && !this.hasCleared) {
      // A suspect that has not arrived yet may wait in the backlog of another partition.
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

/** The ids of those messages that would be delivered again after a crash. */
const idsOf = (works: readonly Work[]): readonly string[] =>
  works.flatMap(({ envelope, origin }) =>
    envelope && origin.from !== 'caller' ? [envelope.id] : [],
  );
