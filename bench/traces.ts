import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { Driver } from './driver.ts';
import type { Sizes } from './load.ts';
import { median } from './percentile.ts';
import { startSystem } from './start-system.ts';
import type { BenchedSystem, Subject } from './system.ts';

/** Completed orders per second of each round, while a share of the orders is traced. */
export interface TracedRate {
  readonly share: number;
  readonly perSecond: readonly number[];
}

const shares = [0, 0.1, 1] as const;

/** Without traces twice, so that the difference of equals is seen too. */
const order = [0, ...shares] as const;

/** Takes spans as a collector on the same machine would, in a process of its own, and forgets them. */
const forgetful = `require('node:http').createServer((request, response) => request.resume().on('end', () => response.end('{}')))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;

interface Traced {
  readonly share: number;
  readonly system: BenchedSystem;
  readonly driver: Driver;
  readonly perSecond: number[];
}

/** Measures one system for each share, in turns, because a machine is not equally fast all the time. */
export async function measureTraces(
  subject: Subject,
  { shoppers, warmUp, orders, rounds }: Sizes,
  say: (line: string) => void,
): Promise<readonly TracedRate[]> {
  const receiver = spawn(process.execPath, ['-e', forgetful], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const all: Traced[] = [];
  try {
    const [port] = (await once(receiver.stdout, 'data')) as [Buffer];
    for (const share of order) {
      const system = await startSystem({ ...subject, env: settingsOf(share, String(port).trim()) });
      all.push({ share, system, driver: await Driver.at(system, shoppers), perSecond: [] });
    }
    for (const { driver, share } of all) {
      say(`${share * 100} % traced: warming up with ${warmUp} orders`);
      await driver.closedLoop(warmUp, { keyed: true });
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const { driver, share, perSecond } of all) {
        say(`round ${round} of ${rounds}, ${share * 100} % traced, ${orders} orders`);
        perSecond.push((await driver.closedLoop(orders)).perSecond);
      }
    }
    return all;
  } finally {
    for (const { driver, system } of all) {
      await driver.close();
      await system.stop();
    }
    receiver.kill();
  }
}

const settingsOf = (share: number, port: string): Readonly<Record<string, string>> =>
  share === 0
    ? {}
    : {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: String(share),
      };

export function tracesTable(all: readonly TracedRate[]): string[] {
  const [first] = all.map(({ perSecond }) => median(perSecond));
  return [
    'completed orders/s (median) | of none traced | rounds',
    ...all.map(({ share, perSecond }) => {
      const rate = median(perSecond);
      const rounds = perSecond.map((each) => Math.round(each)).join(' ');
      return `  ${share * 100} % traced: ${Math.round(rate)} | ${(rate / (first ?? rate)).toFixed(2)} | ${rounds}`;
    }),
  ];
}
