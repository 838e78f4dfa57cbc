import { ConsecutiveBreaker } from 'cockatiel';
import type { Opens } from './failure-rate.ts';

/** Opens when this many calls have failed without a success between them. */
export const failuresInARow =
  (count: number): Opens =>
  () =>
    new ConsecutiveBreaker(count);
