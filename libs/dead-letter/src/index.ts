export {
  type AuditEntry,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterSummary,
  NoSuchDeadLetter,
  NotRedrivable,
  type Original,
} from './dead-letter.ts';
export {
  DeadLetters,
  type DeadLettersOptions,
  type Place,
  type Redrivable,
  type RedriveChoice,
  redriveSome,
  redriveTransient,
} from './dead-letters.ts';
export { envelopeIn, type ShownMessage, shownMessage } from './shown-message.ts';
