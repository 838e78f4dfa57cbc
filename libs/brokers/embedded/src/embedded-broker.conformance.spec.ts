import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '@waybill/messaging';
import {
  brokerConformance,
  type Capability,
  capabilities,
  guaranteesTable,
  HandClock,
} from '@waybill/messaging/testing';
import { embeddedBroker } from './embedded-broker.ts';
import { MessageLog } from './log/message-log.ts';

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Not provided: the broker lives and dies with its process, and takes bodies of any size. */
const ofProcesses = new Set<Capability>([
  'several',
  'spread',
  'survives',
  'heals',
  'unknown',
  'visibility',
  'encoded',
  'large',
]);
const ofTheLog = new Set<Capability>(['replayed', 'moved']);

const courtesy = { linger: 1, longest: 3 };
/** A clock that stands still, except for very short delays. */
const passing = (clock: HandClock): Clock => ({
  now: () => clock.now(),
  after: (ms, run) => (ms <= courtesy.longest ? systemClock : clock).after(ms, run),
});

const logIn = async (clock: Clock) => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-log-'));
  const log = await MessageLog.open({ folder, clock });
  const end = async (): Promise<void> => {
    await log.close();
    rmSync(folder, { recursive: true });
  };
  return { log, end };
};

/** `whole`: as in a system of one process, with a log, where facts wait a moment for commands and replies. */
const conformanceOf = (name: string, whole: boolean) =>
  brokerConformance(
    name,
    async () => {
      const clock = new HandClock();
      const size = 1_500;
      const kept = whole ? await logIn(clock) : null;
      const broker = kept
        ? embeddedBroker({ clock: passing(clock), size, courtesy, log: kept.log })
        : embeddedBroker({ clock, size });
      const stranger = embeddedBroker({ clock });
      const settle = async (): Promise<void> => {
        await kept?.log.written();
        await quiet();
      };
      return {
        broker,
        stranger,
        size,
        visibilityTimeout: 0,
        now: () => clock.now(),
        quiet: settle,
        pass: async (ms) => {
          clock.advance(ms);
          await settle();
        },
        end: async () => {
          const closed = Promise.all([broker.close(), stranger.close()]);
          clock.advance(5_000);
          await closed;
          await kept?.end();
        },
      };
    },
    Object.fromEntries(
      Object.keys(capabilities).map((each) => {
        const capability = each as Capability;
        return [each, !ofProcesses.has(capability) && (whole || !ofTheLog.has(capability))];
      }),
    ) as Record<Capability, boolean>,
  );

const results = [conformanceOf('embedded', false), conformanceOf('embedded, with a log', true)];

describe('the README of the embedded broker', () => {
  it('has the table of what this suite proves', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(guaranteesTable(results));
  });
});
