import { readFileSync } from 'node:fs';

/** A file cannot be used; the message is one line that names it, the reason, and what to do. */
export class UnreadableFile extends Error {
  readonly code = 'unreadable_file';
  constructor(path: string, reason: string, remedy: string, cause?: unknown) {
    super(`${path} ${reason}: ${remedy}`, { cause });
    this.name = 'UnreadableFile';
  }
}

/**
 * What a file says, as `parse` understands it; undefined when there is no such file. Throws `UnreadableFile` for one that
 * cannot be opened, is empty or holds zeros, as a power cut leaves a file, or that `parse` throws at.
 */
export function readWhole<T>(
  path: string,
  parse: (text: string) => T,
  remedy: string,
): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UnreadableFile(path, `cannot be read (${message})`, remedy, error);
  }
  if (text.trim() === '') throw new UnreadableFile(path, 'is empty', remedy);
  if (text.includes('\0')) throw new UnreadableFile(path, 'is damaged (it holds zeros)', remedy);
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableFile(path, `is damaged (${reason})`, remedy, error);
  }
}
