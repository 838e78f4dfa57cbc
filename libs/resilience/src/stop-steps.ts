/** The log for failed steps. */
interface WarningLog {
  warn(fields: object, text: string): void;
}

/** One step of a shutdown; the next one begins when it has ended or timed out. */
export interface StopStep {
  readonly name: string;
  /** The longest it may take, in milliseconds. */
  readonly within: number;
  run(): Promise<unknown> | unknown;
}

/** Runs the steps in order. A step that fails or takes too long is logged, and the next one still runs. */
export async function stopSteps(steps: readonly StopStep[], log: WarningLog): Promise<void> {
  for (const step of steps) {
    try {
      await inTime(step);
    } catch (error) {
      log.warn({ error, step: step.name }, 'a step of stopping failed');
    }
  }
}

async function inTime(step: StopStep): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${step.name} took longer than ${step.within} ms`)),
      step.within,
    );
  });
  try {
    await Promise.race([step.run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
