import { readFileSync } from 'node:fs';

/** A file cannot be used; the message names the file, the reason, and what to do, in one line. */
export class UnreadableFile extends Error {
  readonly code = 'unreadable_file';
  constructor(path: string, reason: string, remedy: string, cause?: unknown) {
    super(`${path} ${reason}: ${remedy}`, { cause });
    this.name = 'UnreadableFile';
  }
}

/**
 * The content of a file, parsed by `parse`; undefined if the file does not exist. Throws `UnreadableFile` for a file that
 * cannot be opened, is empty, contains zero bytes (as after a power cut), or makes `parse` throw.
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
