import { describe, expect, it } from '@jest/globals';
import { BrokenLines, type LineName } from '../../../system/broken-lines.ts';
import { lasting, useFaultRuns } from '../../../system/fault-runs.ts';

const everyLine: readonly LineName[] = ['rabbitmq', 'kafka', 'sns-sqs', 'redis'];
const cuts = 20;
const betweenCuts = 500;
const slowFor = 30_000;
const silentFor = 30_000;

describe('while customers order and lines break', () => {
  const { brokers: lines, runs } = useFaultRuns('lines', () => BrokenLines.open());

  it('goes over the lines that are about to break', () => {
    for (const name of everyLine)
      expect([name, lines().of(name).connections]).not.toEqual([name, 0]);
  });

  it.each(everyLine)('loses nothing when the lines to %s are cut and reset', (name) =>
    runs.survives(`${cuts} cuts and ${cuts} resets to ${name}`, async () => {
      for (let n = 0; n < cuts; n += 1) {
        lines().of(name).cut('end');
        await lasting(betweenCuts);
        lines().of(name).cut('reset');
        await lasting(betweenCuts);
      }
    }),
  );

  it.each(everyLine)('loses nothing when every byte to and from %s takes two seconds', (name) =>
    runs.survives(`2 s of latency to ${name}`, async () => {
      lines().of(name).set({ latency: 2_000 });
      await lasting(slowFor);
      lines().of(name).set({});
    }),
  );

  it.each(everyLine)('loses nothing when the answers of %s vanish, and then the lines', (name) =>
    runs.survives(`answers of ${name} lost`, async () => {
      lines().of(name).set({ silent: 'down' });
      await lasting(silentFor);
      lines().of(name).cut('reset');
      lines().of(name).set({});
    }),
  );
});
