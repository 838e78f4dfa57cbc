/** A command of a saga that is a dead letter; it may have had its effect before it died. */
export interface FailedCommand {
  /** Its type. */
  readonly command: string;
  readonly error: string;
}
