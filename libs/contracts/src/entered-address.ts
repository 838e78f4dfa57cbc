import { enteredLine } from './entered-text.ts';
import { address } from './values.ts';

/** An address that a caller typed; its output is an `address`. Addresses of older orders may contain what this refuses. */
export const enteredAddress = address
  .extend({
    name: enteredLine(1, 100),
    line1: enteredLine(1, 200),
    line2: enteredLine(0, 200).nullish(),
    city: enteredLine(1, 100),
    postalCode: enteredLine(1, 20),
  })
  .meta({
    id: 'EnteredAddress',
    description:
      'Each line without control characters, and all in Latin, Greek or Cyrillic letters: an order whose label ' +
      'cannot be printed is refused with 422 `unprintable_address`. Kept in the composed form (NFC).',
  });
