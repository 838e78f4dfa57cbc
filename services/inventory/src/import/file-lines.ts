/** A line of a file without its line break; `bytes` is null if it is too long. */
export interface FileLine {
  readonly bytes: Buffer | null;
  /** Where the next line begins. */
  readonly end: number;
}

/** The longest line in bytes. */
export const longestLine = 4_096;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The lines of a file whose pieces begin at `start`, several at a time. Holds one piece and one line. */
export async function* fileLines(
  pieces: AsyncIterable<Buffer>,
  start: number,
): AsyncGenerator<readonly FileLine[]> {
  let open: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  let end = start;
  const line = (bytes: Buffer): FileLine => {
    const found = isTooLong || bytes.length > longestLine ? null : withoutReturn(bytes);
    isTooLong = false;
    return { bytes: found, end };
  };
  for await (const piece of pieces) {
    const buffer = open.length === 0 ? piece : Buffer.concat([open, piece]);
    const lines: FileLine[] = [];
    let from = 0;
    for (let at = buffer.indexOf(lineFeed); at >= 0; at = buffer.indexOf(lineFeed, from)) {
      end += at + 1 - from;
      lines.push(line(buffer.subarray(from, at)));
      from = at + 1;
    }
    open = buffer.subarray(from);
    if (open.length > longestLine) {
      isTooLong = true;
      end += open.length;
      open = Buffer.alloc(0);
    }
    yield lines;
  }
  end += open.length;
  if (open.length > 0 || isTooLong) yield [line(open)];
}

const withoutReturn = (bytes: Buffer): Buffer =>
  bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
