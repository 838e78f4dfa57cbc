import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { TestDataFolder } from '../system/data-folder.ts';
import { eventually } from '../system/eventually.ts';
import { MainProcess } from '../system/main-process.ts';
import { useSystem } from '../system/test-system.ts';
import { Users } from '../system/users.ts';

const books = [
  ['paymentProvider', 'payment-provider.ledger'],
  ['carriers', 'carriers.ledger'],
] as const;

/** Limits the file size of a process to the current size of `file`, which acts like a full disk. */
const letGrowNoMore = (pid: number | undefined, file: string): void => {
  execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${statSync(file).size}`]);
};

describe('a disk that is full', () => {
  const system = useSystem();

  it('ends a sandbox that cannot write its books, and orders go on when it was started again', async () => {
    const ada = await system().as('ada');
    await ada.buy();
    const { sandboxes } = system().data.whereabouts();
    for (const [name, file] of books) {
      // The restarted process has the limits of its parent, not these.
      letGrowNoMore(sandboxes[name].pid, system().data.file('sandboxes', file));
    }
    const during = await Promise.all(Array.from({ length: 5 }, () => ada.buy()));
    // A sandbox that restarts for too long counts as unavailable.
    const unavailable = ['payment_unavailable', 'shipping_unavailable'];
    for (const { status, reason } of during) {
      expect(status === 'confirmed' || unavailable.includes(reason ?? '')).toBe(true);
    }
    const lines = [
      ...books.map(([, file]) => `${system().data.file('sandboxes', file)} cannot be written`),
      'the payment provider died (exit 1); starting it again',
      'the carriers died (exit 1); starting it again',
    ];
    await eventually('both have died, and orders go on', async () => {
      const { status } = await ada.buy();
      return status === 'confirmed' && lines.every((line) => system().stderr.includes(line));
    });
  });

  it('ends the whole system where the books are in its process', async () => {
    const data = new TestDataFolder();
    const settings = { WAYBILL_DATA: data.path, PORT: '0', SANDBOXES: 'in-process' };
    const main = new MainProcess(settings);
    try {
      const { url } = await eventually('it runs', async () => data.whereabouts());
      const ada = await new Users(() => url).as('ada');
      await ada.buy();
      const ledger = data.file('sandboxes', 'payment-provider.ledger');
      letGrowNoMore(main.pid, ledger);
      await ada.placeOrder();
      const { code, stderr } = await main.ended;
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`waybill: ${ledger} cannot be written`),
      ]);
    } finally {
      await main.signal('SIGKILL');
      await data.remove();
    }
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
