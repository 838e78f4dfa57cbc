import type { Message } from '@waybill/message';
import type { Saga, Step } from '../saga.ts';

/** The state of an operation at its participant. */
export type Operation = 'unknown' | 'done' | 'refused' | 'undone';

/** Participants with the rules of do and undo: a repetition gets the same reply, and an undone operation stays undone. */
export class Participants<D extends object> {
  readonly operations = new Map<string, Operation>();

  /** `refuses` names the steps that are refused; `replies` are all replies that the participants can give. */
  constructor(
    private readonly saga: Saga<D>,
    private readonly data: D,
    private readonly replies: readonly Message[],
    private readonly refuses: ReadonlySet<string>,
  ) {}

  /** Carries out a command and returns its reply. */
  take({ contract: { type } }: Message): Message {
    const isOf = (make: Step<D>['send']) => make?.(this.data).contract.type === type;
    const undone = this.saga.steps.find(({ undo }) => isOf(undo));
    if (undone) {
      this.operations.set(undone.name, 'undone');
      return this.reply(undone.undoneOn);
    }
    const step = this.saga.steps.find(({ send }) => isOf(send));
    if (!step) throw new TypeError(`nobody takes ${type}`);
    const known = this.operations.get(step.name) ?? 'unknown';
    const now = known === 'unknown' ? this.decide(step) : known;
    this.operations.set(step.name, now);
    return this.reply(now === 'done' ? step.succeedsOn : (step.failsOn ?? step.succeedsOn));
  }

  private decide({ name, failsOn }: Step<D>): Operation {
    return failsOn && this.refuses.has(name) ? 'refused' : 'done';
  }

  private reply(contract: Step['succeedsOn']): Message {
    const found = this.replies.find((each) => each.contract.type === contract?.type);
    if (!found) throw new TypeError(`there is no reply ${contract?.type}`);
    return found;
  }
}
