/** A dead-lettered command of a saga; it may have taken effect before it failed. */
export interface FailedCommand {
  /** Its message type. */
  readonly command: string;
  readonly error: string;
}
