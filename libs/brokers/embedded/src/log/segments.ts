import { type FileHandle, open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '@waybill/local-files';
import { frameOf, payloadsIn } from './frame.ts';
import { LogEnds } from './log-ends.ts';
import { placeOf } from './log-record.ts';

/** One file of the log. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  size: number;
  /** When its first message was appended, in milliseconds since the epoch; null: it has none. */
  since: number | null;
  /** When it was last written. */
  until: number;
}

const pattern = /^(\d{12})\.log$/;

/** The files of a folder, oldest first. */
export async function segmentsIn(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { number: Number.parseInt(name, 10), path, size, since: null, until: mtimeMs };
    }),
  );
}

/** A new file; its first frame has the ends of the partitions, so that older files need not be read. */
export async function newSegment(
  folder: string,
  number: number,
  ends: LogEnds,
): Promise<{ readonly segment: Segment; readonly file: FileHandle }> {
  const path = join(folder, `${String(number).padStart(12, '0')}.log`);
  const file = await open(path, 'w+');
  const head = frameOf(Buffer.from(ends.toString()));
  try {
    await file.writeFile(head);
    syncFolder(folder);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { segment: { number, path, size: head.length, since: null, until: 0 }, file };
}

/** The payloads of the messages in a file; none of a file that was deleted meanwhile. */
export async function* messagesIn({ path }: Segment): AsyncGenerator<Buffer> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  let isHead = true;
  for (const { payload } of payloadsIn(bytes)) {
    if (!isHead) yield payload;
    isHead = false;
  }
}

/**
 * Cuts off what a crash left incomplete at the end of the newest file, and returns the ends after it. Returns null, and
 * deletes the file, if not even its first frame is complete.
 */
export async function recovered(segment: Segment): Promise<LogEnds | null> {
  let ends: LogEnds | null = null;
  let complete = 0;
  for (const { payload, end } of payloadsIn(await readFile(segment.path))) {
    if (ends) {
      const place = placeOf(payload);
      ends.pass(place);
      segment.since ??= place.at;
    } else ends = LogEnds.from(payload.toString());
    complete = end;
  }
  if (!ends) await rm(segment.path);
  else if (complete < segment.size) await truncate(segment.path, complete);
  segment.size = complete;
  return ends;
}
