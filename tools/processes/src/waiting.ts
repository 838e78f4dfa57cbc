import { setTimeout as wait } from 'node:timers/promises';
import { isAway, WaitingLines } from '@waybill/service';

const usualPatience = 60_000;
const lookAgainAfter = 500;

/** The time that servers have to come up: a minute, where nothing else is said. */
export class Waiting {
  private readonly deadline: number;
  private isHinted = false;

  /** `hint` follows the first line about a server that is waited for. */
  constructor(
    private readonly say: (line: string) => void,
    private readonly hint?: string,
    patienceMs = usualPatience,
  ) {
    this.deadline = performance.now() + patienceMs;
  }

  /** Repeats a task until the servers that it needs are up, and tells every five seconds what it waits for. */
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
