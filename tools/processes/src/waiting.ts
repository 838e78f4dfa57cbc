import { setTimeout as wait } from 'node:timers/promises';
import { isAway, WaitingLines } from '@waybill/service';

const usualPatience = 60_000;
const lookAgainAfter = 500;

/** Waits for servers to come up: by default for a minute in total. */
export class Waiting {
  private readonly deadline: number;
  private isHinted = false;

  /** `hint` is printed once, after the first message about an unavailable server. */
  constructor(
    private readonly say: (line: string) => void,
    private readonly hint?: string,
    patienceMs = usualPatience,
  ) {
    this.deadline = performance.now() + patienceMs;
  }

  /** Repeats a task until its servers are available, and reports every five seconds which one it waits for. */
  async whenUp(task: () => Promise<void>): Promise<void> {
    const lines = new WaitingLines((line) => this.tell(line));
    for (;;) {
      try {
        return await task();
      } catch (error) {
        if (!isAway(error) || performance.now() > this.deadline) throw error;
        lines.tell((error as Error).message);
        await wait(lookAgainAfter);
      }
    }
  }

  private tell(line: string): void {
    this.say(line);
    if (this.hint !== undefined && !this.isHinted) this.say(this.hint);
    this.isHinted = true;
  }
}
