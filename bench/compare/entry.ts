/** One message of the comparison: messages of one key are published in the order of `seq`. */
export interface Entry {
  readonly key: string;
  readonly seq: number;
  /** When it was published or received, in milliseconds. */
  readonly at: number;
}

/** As large as an envelope of the shop. */
const filler = 'x'.repeat(200);

/** The line of an entry in a record, and in a message with `filler` behind it. */
export const lineOf = ({ key, seq, at }: Entry): string => `${key} ${seq} ${at}`;

export const withFiller = (line: string): string => `${line} ${filler}`;

export function entryFrom(line: string): Entry {
  const [key = '', seq, at] = line.split(' ');
  return { key, seq: Number(seq), at: Number(at) };
}

/** Now, as precisely as two processes of one machine can compare. */
export const now = (): number => performance.timeOrigin + performance.now();
