import { setTimeout as pause } from 'node:timers/promises';

/** Resolves as soon as `fact` holds; rejects if it does not within 25 seconds: a test has 30. */
export async function eventually(fact: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 25_000;
  while (!(await fact())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${fact}`);
    await pause(5);
  }
}
