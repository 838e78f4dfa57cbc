import { setTimeout as wait } from 'node:timers/promises';
import { isAway } from '@waybill/service';

const patience = 60_000;
const lookAgainAfter = 500;

/** The minute that servers have to come up. */
export class Waiting {
  private readonly deadline = performance.now() + patience;
  private isHinted = false;

  /** `hint` follows the first line about a server that is waited for. */
  constructor(
    private readonly say: (line: string) => void,
    private readonly hint?: string,
  ) {}

  /** Repeats a task until the servers that it needs are up; each reason for waiting is told once. */
  async whenUp(task: () => Promise<void>): Promise<void> {
    for (let told = ''; ; ) {
      try {
        return await task();
      } catch (error) {
        if (!isAway(error) || performance.now() > this.deadline) throw error;
        const { message } = error as Error;
        if (message !== told) this.tell(message);
        told = message;
        await wait(lookAgainAfter);
      }
    }
  }

  private tell(reason: string): void {
    this.say(`waiting: ${reason}`);
    if (this.hint !== undefined && !this.isHinted) this.say(this.hint);
    this.isHinted = true;
  }
}
