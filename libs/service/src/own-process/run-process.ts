import process from 'node:process';

/** Something that runs until it is closed. */
export interface Running {
  /** Where it listens, or null. */
  readonly url: string | null;
  /** Safe to call once. */
  close(): Promise<void>;
}

/** What closing may take; then the process ends anyway. */
const longestStop = 9_800;

/**
 * The life of one process: starts, tells a parent that listens by IPC where, and stops in order at the first signal or
 * when that parent is gone; the second signal ends it at once. A start that fails is one line and exit code 1. `start`
 * gets a function for lines to people and a signal that is aborted when nobody needs the start any more.
 */
export async function runProcess(
  name: string,
  start: (say: (line: string) => void, stopped: AbortSignal) => Promise<Running>,
): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
  // A log that is gone takes no more lines, which is no reason to stop in disorder.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stopping = new AbortController();
  const starting = start(say, stopping.signal);
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    setTimeout(() => process.exit(1), longestStop).unref();
    starting
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        () => process.exit(stopping.signal.aborted ? 0 : 1),
      );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  process.once('disconnect', stop);
  // Gone before anybody listened to that.
  if (process.connected === false) stop();
  try {
    const { url } = await starting;
    // A parent that has gone meanwhile takes no message.
    process.send?.({ url }, () => {});
  } catch (error) {
    if (stopping.signal.aborted) return;
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
