import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RunFolder } from './run-folder.ts';
import { Supervised } from './supervised.ts';

jest.setTimeout(60_000);

/** Prints where it listens and shuts down in order; its environment selects other behaviour. */
const program = `
if (process.env.REFUSES) {
  console.log('{"level":"info"}');
  console.error('payment: DATABASE_URL is missing');
  process.exit(1);
}
process.send({ url: 'http://127.0.0.1:1' });
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
`;

let folder: RunFolder;
let changed: () => void;
let lines: string[];
let received: (line: string) => void;
const running: Supervised[] = [];

beforeEach(() => {
  folder = new RunFolder(mkdtempSync(join(tmpdir(), 'waybill-supervised-')));
  folder.make();
  writeFileSync(folder.file('main.mjs'), program);
  changed = () => {};
  lines = [];
  received = () => {};
});
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop(2_000);
  rmSync(folder.path, { recursive: true, force: true });
});

function supervise(env: Readonly<Record<string, string>> = {}): Supervised {
  const { PATH } = process.env;
  const planned = {
    instance: 'payment-2',
    role: { name: 'payment', kind: 'service', port: 8083 },
    main: folder.file('main.mjs'),
    url: 'http://127.0.0.1:8183',
    env: { PATH, ...env },
  } as const;
  const supervised = new Supervised(planned, {
    folder,
    changed: () => changed(),
    say: (line) => {
      lines.push(line);
      received(line);
    },
  });
  running.push(supervised);
  return supervised;
}

/** Resolves with its process id as soon as it is not one of `not`. */
function anotherPid(supervised: Supervised, ...not: readonly number[]): Promise<number> {
  return new Promise((resolve) => {
    changed = () => {
      const pid = supervised.record.process?.pid;
      if (pid !== undefined && !not.includes(pid)) resolve(pid);
    };
    changed();
  });
}

describe('a supervised process', () => {
  it('is started again when it is killed, and counts that', async () => {
    const supervised = supervise();
    supervised.start();
    await supervised.listening;
    const first = await anotherPid(supervised);
    process.kill(first, 'SIGKILL');
    const second = await anotherPid(supervised, first);
    expect(second).not.toBe(first);
    expect(supervised.record).toMatchObject({ instance: 'payment-2', restarts: 1 });
    expect(lines).toEqual(['payment-2 ended (SIGKILL); starting it again']);
  });

  it('is started again although neither its record nor its log can be written for a while', async () => {
    const supervised = supervise();
    supervised.start();
    await supervised.listening;
    const first = await anotherPid(supervised);
    const log = folder.logFile('payment-2');
    rmSync(log);
    mkdirSync(log);
    const full = 'no space left on device';
    changed = () => {
      throw new Error(full);
    };
    const told = new Promise<void>((resolve) => {
      received = (line) => line.includes('cannot be started') && resolve();
    });
    process.kill(first, 'SIGKILL');
    await told;
    rmSync(log, { recursive: true });
    expect(await anotherPid(supervised, first)).not.toBe(first);
    expect(lines).toContain(`the record of what runs cannot be kept: ${full}`);
  });

  it('stays away while it is held', async () => {
    const supervised = supervise();
    supervised.start();
    await supervised.listening;
    const first = await anotherPid(supervised);
    writeFileSync(folder.holdFile('payment-2'), '');
    const down = new Promise<void>((resolve) => {
      changed = () => {
        if (supervised.record.process === undefined) resolve();
      };
    });
    process.kill(first, 'SIGKILL');
    await down;
    rmSync(folder.holdFile('payment-2'));
    expect(await anotherPid(supervised, first)).not.toBe(first);
  });

  it('that cannot start is not tried again, and tells its last words', async () => {
    const supervised = supervise({ REFUSES: 'yes' });
    supervised.start();
    await expect(supervised.listening).rejects.toThrow(
      'payment-2 did not start (exit 1): payment: DATABASE_URL is missing',
    );
    expect(supervised.record).toMatchObject({ process: undefined, restarts: 0 });
  });

  it('ends when it is stopped, also when it was frozen', async () => {
    const supervised = supervise();
    supervised.start();
    await supervised.listening;
    const pid = await anotherPid(supervised);
    process.kill(pid, 'SIGSTOP');
    await supervised.stop(5_000);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(lines).toEqual([]);
  });
});
