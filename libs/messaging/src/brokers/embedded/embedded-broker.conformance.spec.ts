import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { brokerConformance } from '../../testing/conformance/broker-conformance.ts';
import {
  type Capability,
  capabilities,
  guaranteesTable,
} from '../../testing/conformance/capabilities.ts';
import { HandClock } from '../../testing/hand-clock.ts';
import { embeddedBroker } from './embedded-broker.ts';

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** It lives and dies with its process, and what it confirmed is gone from it. */
const ofProcesses = new Set<Capability>([
  'several',
  'spread',
  'survives',
  'heals',
  'unknown',
  'replayed',
]);

const result = brokerConformance(
  'embedded',
  async () => {
    const clock = new HandClock();
    const size = 1_500;
    const visibilityTimeout = 60_000;
    const broker = embeddedBroker({ clock, size, visibilityTimeout });
    const stranger = embeddedBroker({ clock });
    return {
      broker,
      stranger,
      size,
      visibilityTimeout,
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
    Object.keys(capabilities).map((name) => [name, !ofProcesses.has(name as Capability)]),
  ) as Record<Capability, boolean>,
);

describe('the README of messaging', () => {
  it('has the table of what this suite proves', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(guaranteesTable([result]));
  });
});
