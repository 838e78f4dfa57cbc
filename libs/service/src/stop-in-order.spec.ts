import { describe, expect, it } from '@jest/globals';
import { createLog } from './observe/log.ts';
import { stopInOrder } from './stop-in-order.ts';

describe('stopping in order', () => {
  it('begins a step when the one before has ended, has failed, or has taken its time', async () => {
    const done: string[] = [];
    const lines: string[] = [];
    const step = (name: string, run: () => Promise<unknown> | unknown) => ({
      name,
      within: 20,
      run: () => {
        done.push(name);
        return run();
      },
    });
    await stopInOrder(
      [
        step('requests', () => undefined),
        step('consumer', () => Promise.reject(new Error('lost connection'))),
        step('relay', () => new Promise(() => {})),
        step('database', async () => {}),
      ],
      createLog({ service: 'x', level: 'warn', write: (line) => lines.push(line) }),
    );
    expect(done).toEqual(['requests', 'consumer', 'relay', 'database']);
    expect(lines[0]).toContain('lost connection');
    expect(lines[1]).toContain('relay took longer than 20 ms');
    expect(lines).toHaveLength(2);
  });
});
