import { enteredLine } from '@waybill/contracts';
import { type Caller, isOperator } from './auth/caller.ts';

/** Spread it into the query schema of a route that shows personal data: an operator who gives a reason sees them in plain. */
export const revealing = {
  reason: enteredLine(3, 200).optional().meta({
    description:
      'Why an operator needs the personal data in plain; it is audited. Without it they are masked.',
  }),
};

/** Whose personal data a caller wants to see, and why. */
export interface Wish {
  readonly caller: Caller;
  readonly reason?: string | undefined;
}

/** Whether personal data of `owner` are shown in plain: to their owner, and to an operator who gives a reason. */
export const seesPersonalData = ({ caller, reason }: Wish, owner: string | null): boolean =>
  caller.id === owner || (isOperator(caller) && reason !== undefined);
