import process from 'node:process';

/** Something that runs until it is closed. */
export interface Running {
  /** The URL it listens on, or null. */
  readonly url: string | null;
  /** Resolves when it cannot continue: the process ends, and its supervisor restarts it. */
  readonly failed?: Promise<Error>;
  /** Settings with which a restart listens on the same addresses, besides that of the URL. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called before `close`; resolves when clients have had time to move elsewhere. */
  leave?(): Promise<void>;
  /** Called at most once. */
  close(): Promise<void>;
}

/** What a process passes to its start function. */
export interface Life {
  /** Prints a line for people. */
  readonly say: (line: string) => void;
  /** Ends the process at once, with the reason as its last line. */
  readonly fail: (error: unknown) => never;
  /** Aborted when the start is no longer needed. */
  readonly stopped: AbortSignal;
}

/** Milliseconds that closing may take; then the process ends anyway. */
const longestStop = 9_800;

/**
 * The life of one process: starts, sends its URL and settings to a parent that listens by IPC, and stops in order at the first signal or
 * when that parent is gone; a second signal ends it at once. A start that fails, or something that cannot continue, prints one
 * line and ends with exit code 1.
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
  // A log stream that is closed or full must not cause a disorderly exit.
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
      // A cancelled start leaves nothing to close.
      () => process.exit(0),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  process.once('disconnect', stop);
  // The parent disconnected before the listener was added.
  if (process.connected === false) stop();
  try {
    const { url, failed, settings = {} } = await starting;
    void failed?.then(fail);
    // A parent that has disconnected meanwhile receives no message.
    process.send?.({ url, settings }, () => {});
  } catch (error) {
    if (!stopping.signal.aborted) fail(error);
  }
}
