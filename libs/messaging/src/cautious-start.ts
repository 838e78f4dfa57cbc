import type { CrashMarks } from './store.ts';
import { CrashSuspect, type Work } from './work.ts';

/** How many messages after an unclean stop are begun one by one. */
const suspects = 50;
const crashesAllowed = 2;

/**
 * After an unclean stop the first messages run alone, each marked durably before it begins: one that took the
 * process down twice already is refused, and becomes a dead letter instead of a third crash.
 */
export class CautiousStart {
  private left = 0;

  constructor(private readonly marks: CrashMarks | undefined) {}

  async open(): Promise<void> {
    if (await this.marks?.open()) this.left = suspects;
  }

  /** True while messages must run alone. */
  isCautious(): boolean {
    return this.left > 0;
  }

  /** Marks the message that is about to run alone. */
  async begin(work: Work): Promise<void> {
    if (this.marks && work.envelope && work.origin.from !== 'caller') {
      const starts = await this.marks.begin(work.envelope.id);
      if (starts > crashesAllowed) work.refusal = new CrashSuspect(work.envelope.type, starts - 1);
    }
    this.left -= 1;
  }

  /** The message came to an end, be it a retry: its mark goes, or its next attempt would count as a crash. */
  async end(work: Work): Promise<void> {
    if (this.left === 0) await this.marks?.clear({ running: true });
    else if (work.envelope && work.origin.from !== 'caller')
      await this.marks?.end(work.envelope.id);
  }

  async close(): Promise<void> {
    await this.marks?.clear({ running: false });
  }
}
