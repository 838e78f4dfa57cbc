import process from 'node:process';

/** Something that runs until it is closed. */
export interface Running {
  /** Where it listens, or null. */
  readonly url: string | null;
  /** Resolves when it cannot go on: the process ends, and whoever supervises it starts it again. */
  readonly failed?: Promise<Error>;
  /** Called before `close`; resolves when whoever uses this may have gone elsewhere. */
  leave?(): Promise<void>;
  /** Safe to call once. */
  close(): Promise<void>;
}

/** What a start gets from its process. */
export interface Life {
  /** Takes lines for people. */
  readonly say: (line: string) => void;
  /** Ends the process at once, with the reason as its last line. */
  readonly fail: (error: unknown) => never;
  /** Aborted when nobody needs the start any more. */
  readonly stopped: AbortSignal;
}

/** What closing may take; then the process ends anyway. */
const longestStop = 9_800;

/**
 * The life of one process: starts, tells a parent that listens by IPC where, and stops in order at the first signal or
 * when that parent is gone; the second signal ends it at once. A start that fails, or something that cannot go on, is one
 * line and exit code 1.
 */
export async function runProcess(
  name: string,
  start: (life: Life) => Promise<Running>,
): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
  const fail = (error: unknown): never => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  };
  // A log that is gone, or has no room, takes no more lines, which is no reason to stop in disorder.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stopping = new AbortController();
  const starting = start({ say, fail, stopped: stopping.signal });
  const endInTime = (): NodeJS.Timeout =>
    setTimeout(() => fail(`not stopped after ${longestStop} ms`), longestStop).unref();
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    const late = endInTime();
    starting.then(
      async (running) => {
        if (running.leave) {
          clearTimeout(late);
          await running.leave();
          endInTime();
        }
        await running.close().then(() => process.exit(0), fail);
      },
      // A start that was given up leaves nothing to close.
      () => process.exit(0),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  process.once('disconnect', stop);
  // Gone before anybody listened to that.
  if (process.connected === false) stop();
  try {
    const { url, failed } = await starting;
    void failed?.then(fail);
    // A parent that has gone meanwhile takes no message.
    process.send?.({ url }, () => {});
  } catch (error) {
    if (!stopping.signal.aborted) fail(error);
  }
}
