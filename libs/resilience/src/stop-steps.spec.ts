import { describe, expect, it } from '@jest/globals';
import { stopSteps } from './stop-steps.ts';

describe('stopping in order', () => {
  it('begins a step when the one before has ended, has failed, or has taken its time', async () => {
    const done: string[] = [];
    const warnings: unknown[] = [];
    const step = (name: string, run: () => Promise<unknown> | unknown) => ({
      name,
      within: 20,
      run: () => {
        done.push(name);
        return run();
      },
    });
    await stopSteps(
      [
        step('requests', () => undefined),
        step('consumer', () => Promise.reject(new Error('lost connection'))),
        step('relay', () => new Promise(() => {})),
        step('database', async () => {}),
      ],
      { warn: ({ error }: { error?: Error }) => warnings.push(error?.message) },
    );
    expect(done).toEqual(['requests', 'consumer', 'relay', 'database']);
    expect(warnings).toEqual(['lost connection', 'relay took longer than 20 ms']);
  });
});
