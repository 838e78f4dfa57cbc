/** The content type of a body that names none. */
export const jsonType = 'application/json';

/** The bytes of a message as a broker carries them. The receiver reads from `contentType` and `contentEncoding` what they are. */
export interface WireBody {
  readonly content: string | Buffer;
  readonly contentType: string;
  /** Absent: not compressed. */
  readonly contentEncoding?: 'gzip';
}
