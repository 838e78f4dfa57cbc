import type { PatientStore } from './patient-store.ts';
import type { Fence } from './store.ts';
import type { Tenure } from './work.ts';

/**
 * The ownerships under which a commit was sent that was not answered. The database may still execute it, and so undo a
 * newer one: a message whose call has failed since would wait for the answer of that call again, and its key with it.
 */
export class UnsureFences {
  private readonly fences = new Set<Tenure>();

  constructor(private readonly database: Pick<PatientStore, 'store'>) {}

  add(fence: Tenure | undefined): void {
    if (fence) this.fences.add(fence);
  }

  /** Keeps the database from executing such commits. Throws while it does not answer. */
  async renew(): Promise<void> {
    if (this.fences.size === 0) return;
    const fences = [...this.fences];
    const renewed = await this.database.store.renew(fences);
    // One that is not renewed has another owner, which the next commit finds.
    for (const fence of fences)
      fence.epoch = renewed.find((each) => isSame(each, fence))?.epoch ?? fence.epoch;
    this.fences.clear();
  }
}

const isSame = (one: Fence, other: Fence): boolean =>
  one.group === other.group && one.partition === other.partition;
