/** Where it is written that a step failed. */
interface WarningLog {
  warn(fields: object, text: string): void;
}

/** One step of stopping; the next begins when it has ended or its time is up. */
export interface StopStep {
  readonly name: string;
  /** The longest it may take, in milliseconds. */
  readonly within: number;
  run(): Promise<unknown> | unknown;
}

/** Takes the steps one after another. A step that fails or takes too long is logged, and never keeps the next from running. */
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
