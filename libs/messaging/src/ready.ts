import type { Clock } from './clock.ts';
import type { HandlersByGroup } from './handlers-by-group.ts';
import type { Work } from './work.ts';

/** One in so many places of a batch is kept for messages that no party waits for. */
const keptPlace = 4;

/** The messages of one consumer that may go into its next batch, and the groups to count again between two batches. */
export class Ready {
  private messages: Work[] = [];
  private readonly recounts = new Set<string>();
  private wake: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly handlers: Pick<HandlersByGroup, 'isAwaited'>,
  ) {}

  add(work: Work): void {
    work.readyAt = this.clock.now().getTime();
    this.messages.push(work);
    this.wake();
  }

  /** The counts of a group's keys are wrong: counts them again, once, while no batch is written. */
  recountLater(group: string): void {
    this.recounts.add(group);
    this.wake();
  }

  /** Removes and returns a group whose keys are to be counted again. */
  takeRecount(): string | undefined {
    const [group] = this.recounts;
    if (group !== undefined) this.recounts.delete(group);
    return group;
  }

  /** Resolves when there is something to do, or on `end`. */
  async filled(): Promise<void> {
    if (this.messages.length > 0 || this.recounts.size > 0) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }

  /** Ends a wait for messages. */
  end(): void {
    this.wake();
  }

  /**
   * The next batch of at most `most` messages, which stay in place. If not all fit, messages that another
   * party waits for go first, but a share is kept for the others. Messages of one group keep their order.
   */
  next(most: number): readonly Work[] {
    if (this.messages.length > most) {
      const isAwaited = ({ group }: Work) => this.handlers.isAwaited(group);
      const first = this.messages.filter(isAwaited);
      const later = this.messages.filter((work) => !isAwaited(work));
      const kept = later.splice(0, Math.max(Math.floor(most / keptPlace), most - first.length));
      this.messages = [...first.splice(0, most - kept.length), ...kept, ...first, ...later];
    }
    return this.messages.slice(0, most);
  }

  /** Removes and returns the first `count` messages, for a batch. */
  begin(count: number): readonly Work[] {
    return this.messages.splice(0, count);
  }

  /** Puts messages that were not begun back in front. */
  putBack(works: readonly Work[]): void {
    this.messages.unshift(...works);
  }

  /** Removes and returns matching messages, in order. */
  takeOut(isSo: (work: Work) => boolean): readonly Work[] {
    const out = this.messages.filter(isSo);
    if (out.length > 0) this.messages = this.messages.filter((work) => !isSo(work));
    return out;
  }

  /** How many messages are in no batch yet, and how long the first has waited. */
  backlog(): { readonly waiting: number; readonly oldestMs: number } {
    const first = this.messages[0];
    return {
      waiting: this.messages.length,
      oldestMs: first?.readyAt ? this.clock.now().getTime() - first.readyAt : 0,
    };
  }
}
