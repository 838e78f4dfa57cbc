import { describe, expect, it } from '@jest/globals';
import { openRequestTests } from '../inside/open-requests.tests.ts';
import { useProcesses } from '../system/process-system.ts';

describe('open requests of the system as processes', () => {
  const system = useProcesses();
  openRequestTests(system, {
    doors: () =>
      system()
        .processes()
        .map(({ url }) => url),
    // Each request is forwarded on a connection of its own, and a busy service accepts few of these at once.
    waiting: 50,
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
