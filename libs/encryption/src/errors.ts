/** A value cannot be decrypted, and a retry cannot help. The message does not contain the value. */
export class UnreadableValue extends Error {
  readonly code = 'unreadable_value';
  readonly retriable = false;
  constructor(why: string, options?: ErrorOptions) {
    super(`an encrypted value cannot be read: ${why}`, options);
    this.name = 'UnreadableValue';
  }
}

/** The keys of a subject were deleted, so nothing can be encrypted for it any more. */
export class SubjectErased extends Error {
  readonly code = 'subject_erased';
  readonly retriable = false;
  constructor(subject: string) {
    super(`the keys of ${subject} are deleted`);
    this.name = 'SubjectErased';
  }
}

/** The owner of the keys is unavailable, and they are not cached. Does not count as an attempt of a message. */
export class KeysUnavailable extends Error {
  readonly code = 'keys_unavailable';
  readonly retriable = true;
  readonly countsAsAttempt = false;
  constructor(subject: string, cause: unknown) {
    super(`the keys of ${subject} cannot be read now; try again`, { cause });
    this.name = 'KeysUnavailable';
  }
}
