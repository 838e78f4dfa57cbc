import { readFileSync } from 'node:fs';
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

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Not provided: the broker lives and dies with its process, keeps no confirmed message, and takes bodies of any size. */
const ofProcesses = new Set<Capability>([
  'several',
  'spread',
  'survives',
  'heals',
  'unknown',
  'delayed',
  'visibility',
  'encoded',
  'large',
  'replayed',
  'moved',
]);

const courtesy = { linger: 1, longest: 3 };
/** A clock that stands still, except for very short delays. */
const passing = (clock: HandClock): Clock => ({
  now: () => clock.now(),
  after: (ms, run) => (ms <= courtesy.longest ? systemClock : clock).after(ms, run),
});

/** `courteous`: as in a system of one process, where facts wait a moment for commands and replies. */
const conformanceOf = (name: string, courteous: boolean) =>
  brokerConformance(
    name,
    async () => {
      const clock = new HandClock();
      const size = 1_500;
      const broker = courteous
        ? embeddedBroker({ clock: passing(clock), size, courtesy })
        : embeddedBroker({ clock, size });
      const stranger = embeddedBroker({ clock });
      return {
        broker,
        stranger,
        size,
        visibilityTimeout: 0,
        now: () => clock.now(),
        quiet,
        pass: async (ms) => {
          clock.advance(ms);
          await quiet();
        },
        end: async () => {
          const closed = Promise.all([broker.close(), stranger.close()]);
          clock.advance(5_000);
          await closed;
        },
      };
    },
    Object.fromEntries(
      Object.keys(capabilities).map((each) => [each, !ofProcesses.has(each as Capability)]),
    ) as Record<Capability, boolean>,
  );

const result = conformanceOf('embedded', false);
conformanceOf('embedded, courteous', true);

describe('the README of the embedded broker', () => {
  it('has the table of what this suite proves', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(guaranteesTable([result]));
  });
});
