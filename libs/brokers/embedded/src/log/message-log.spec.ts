import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderInUse } from '@waybill/local-files';
import type { Outgoing } from '@waybill/messaging';
import { HandClock, until } from '@waybill/messaging/testing';
import { MessageLog, type MessageLogOptions } from './message-log.ts';
import { eventOf } from './messages.fixture.ts';

let home: string;
let folder: string;
const opened: MessageLog[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waybill-log-'));
  folder = join(home, 'log');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((log) => log.close()));
  rmSync(home, { recursive: true });
});

const day = 24 * 3_600_000;
const patience = 60_000;
const channel = 'shop.events';

async function open(options: Partial<MessageLogOptions> = {}): Promise<MessageLog> {
  const log = await MessageLog.open({ folder, ...options });
  opened.push(log);
  return log;
}
async function close(log: MessageLog): Promise<void> {
  opened.splice(opened.indexOf(log), 1);
  await log.close();
}
const append = (log: MessageLog, message: Outgoing, partition = 0, at = Date.now()) =>
  new Promise<number>((resolve, reject) => {
    const { offset } = log.append(message, partition, at, (error) =>
      error ? reject(error) : resolve(offset),
    );
  });
async function read(log: MessageLog, name = channel): Promise<string[]> {
  const found: string[] = [];
  for await (const { place, message } of log.read(new Set([name])))
    found.push(`${place.offset} ${message.body}`);
  return found;
}
const files = () => readdirSync(folder).filter((name) => name.endsWith('.log'));
const newest = () => join(folder, files().at(-1) as string);
const sizeOfAll = () => files().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

describe('a log of messages', () => {
  it('gives back what was appended in order, with numbers for each partition of a channel', async () => {
    const log = await open();
    const other = { ...eventOf('x'), channel: 'other.events' };
    expect([
      await append(log, eventOf('a'), 0),
      await append(log, eventOf('b'), 1),
      await append(log, other, 0),
      await append(log, eventOf('c'), 1),
    ]).toEqual([0, 0, 0, 1]);
    expect(await read(log)).toEqual(['0 a', '0 b', '1 c']);
    expect(await read(log, 'other.events')).toEqual(['0 x']);
    expect([0, 1, 2].map((partition) => log.end(channel, partition))).toEqual([1, 2, 0]);
  });

  it('gives back the bytes and the envelope, whether or not the bytes have it', async () => {
    const sent = [eventOf('ключ\n☃', 'k\n1'), eventOf('b', 'k', 'encoded')];
    const log = await open();
    for (const message of sent) await append(log, message);
    await close(log);
    const found: Outgoing[] = [];
    for await (const { message } of (await open()).read(new Set([channel]))) found.push(message);
    expect(found).toEqual(
      sent.map((each) => ({ ...each, envelope: { ...each.envelope, data: null } })),
    );
  });

  it('leaves out what this release cannot read', async () => {
    const log = await open();
    const other = eventOf('other');
    await append(log, { ...other, body: `{"id":"${other.envelope.id}"}` });
    await append(log, eventOf('a'));
    expect(await read(log)).toEqual(['1 a']);
  });

  it('keeps events and activity only', async () => {
    const log = await open();
    const kept = ['order.events', 'analytics.activity', 'order.commands', 'order.live'];
    expect(kept.map((each) => log.keeps(each))).toEqual([true, true, false, false]);
  });

  it('is refused while another process has it, and taken over when that has ended', async () => {
    const owner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = new Promise((resolve) => owner.once('exit', resolve));
    await close(await open());
    writeFileSync(join(folder, 'lock'), `${owner.pid}\n\n`);
    await expect(open()).rejects.toThrow(FolderInUse);
    owner.kill('SIGKILL');
    await ended;
    await append(await open(), eventOf('a'));
  });

  it('says that a message may be lost when it cannot be written, and goes on when it can', async () => {
    const told: string[] = [];
    const log = await open({ mostBytes: 8, onTrouble: (what) => told.push(what) });
    await append(log, eventOf('a'));
    rmSync(folder, { recursive: true });
    await expect(append(log, eventOf('b'))).rejects.toMatchObject({ code: 'broker_away' });
    expect(told).toEqual([`writing the log in ${folder}`]);
    mkdirSync(folder);
    await append(log, eventOf('c'));
    expect(await read(log)).toEqual(['2 c']);
  });
});

describe('after a crash, a log of messages', () => {
  it(
    'has every message but the one that was cut off, wherever it was cut',
    async () => {
      const log = await open();
      const small = { ...eventOf('b'), envelope: { id: 'b' } as Outgoing['envelope'] };
      await append(log, eventOf('a'));
      const whole = statSync(newest()).size;
      await append(log, small);
      await close(log);
      const bytes = readFileSync(newest());
      for (let cut = whole; cut < bytes.length; cut += 1) {
        writeFileSync(newest(), bytes.subarray(0, cut));
        const cutOff = await open();
        expect([cut, ...(await read(cutOff))]).toEqual([cut, '0 a']);
        expect(await append(cutOff, eventOf('c'))).toBe(1);
        expect(await read(cutOff)).toEqual(['0 a', '1 c']);
        await close(cutOff);
      }
    },
    patience,
  );

  it('takes nothing that is damaged, or that was never written, for a message', async () => {
    const log = await open();
    await append(log, eventOf('a'));
    await append(log, eventOf('b'));
    await close(log);
    const bytes = readFileSync(newest());
    const tails = [Buffer.alloc(64), Buffer.from('garbage of any length'), Buffer.alloc(3, 255)];
    for (const tail of tails) {
      writeFileSync(newest(), bytes);
      appendFileSync(newest(), tail);
      const found = await open();
      expect([await read(found), statSync(newest()).size]).toEqual([['0 a', '1 b'], bytes.length]);
      await close(found);
    }
    const damaged = Buffer.from(bytes);
    damaged[bytes.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    writeFileSync(newest(), damaged);
    expect(await read(await open())).toEqual(['0 a']);
  });

  it('goes on where it was when not even the beginning of its newest file was written', async () => {
    const log = await open({ mostBytes: 4_000 });
    await append(log, eventOf('a'));
    await append(log, eventOf('b'));
    await close(log);
    expect(files().length).toBe(2);
    truncateSync(newest(), 3);
    const found = await open({ mostBytes: 4_000 });
    await append(found, eventOf('c'));
    expect(await read(found)).toEqual(['0 a', '1 c']);
  });
});

describe('a log of messages is bounded', () => {
  it('by its size: the oldest go, and the numbers go on', async () => {
    const mostBytes = 8_000;
    const log = await open({ mostBytes });
    for (let n = 0; n < 100; n += 1) {
      await append(log, eventOf(`m${n}`));
      expect(sizeOfAll()).toBeLessThanOrEqual(mostBytes);
    }
    await Promise.all(Array.from({ length: 100 }, (_, n) => append(log, eventOf(`m${n + 100}`))));
    expect(sizeOfAll()).toBeLessThanOrEqual(mostBytes);
    const kept = await read(log);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept).toEqual(Array.from({ length: 200 }, (_, n) => `${n} m${n}`).slice(-kept.length));
    await close(log);
    const again = await open({ mostBytes });
    expect([await read(again), again.end(channel, 0)]).toEqual([kept, 200]);
  });

  it(
    'by the age of its messages, also when nothing more is published',
    async () => {
      const clock = new HandClock();
      const log = await open({ clock, mostAgeMs: 8 * day });
      const now = () => clock.now().getTime();
      // Time goes on, because the log sets its next timer only when it is done with the last one.
      const becomes = (fact: () => boolean | Promise<boolean>) =>
        until(() => {
          clock.advance(1_000);
          return fact();
        }, patience);
      await append(log, eventOf('old'), 0, now());
      clock.advance(7 * day);
      await append(log, eventOf('young'), 0, now());
      expect(await read(log)).toEqual(['0 old', '1 young']);
      clock.advance(2 * day);
      await becomes(async () => (await read(log)).join() === '1 young');
      clock.advance(8 * day);
      await becomes(() => files().length === 2);
      await becomes(async () => (await read(log)).length === 0);
      expect(log.end(channel, 0)).toBe(2);
    },
    3 * patience,
  );
});
