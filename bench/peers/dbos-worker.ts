import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { median } from '../percentile.ts';
import { type DbosRun, type DbosTask, dbosPackage } from './dbos.ts';

/** The parts of the package that are used here; it is not installed when this is compiled. */
interface Dbos {
  setConfig(config: {
    name: string;
    systemDatabaseUrl: string;
    systemDatabasePoolSize: number;
    logLevel: string;
  }): void;
  registerWorkflow<A, R>(
    run: (given: A) => Promise<R>,
    as: { name: string },
  ): (given: A) => Promise<R>;
  runStep<R>(run: () => Promise<R>, as: { name: string }): Promise<R>;
  launch(): Promise<void>;
  shutdown(): Promise<void>;
}

const { folder, url, connections, warmUp, loads } = JSON.parse(process.argv[2] ?? '') as DbosTask;
const { DBOS } = createRequire(join(folder, 'package.json'))(dbosPackage) as { DBOS: Dbos };

/** The steps of an order, which only return; nothing is sent. */
const steps = ['reserve', 'authorize', 'ship', 'capture', 'confirm'];
const order = DBOS.registerWorkflow(
  async (id: number) => {
    for (const step of steps) {
      await DBOS.runStep(async () => ({ id, step, note: 'x'.repeat(100) }), { name: step });
    }
    return id;
  },
  { name: 'order' },
);

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: url,
  systemDatabasePoolSize: connections,
  logLevel: 'error',
});
await DBOS.launch();
await run(warmUp, 64);
const runs: DbosRun[] = [];
for (const { orders, inFlight } of loads) runs.push(await run(orders, inFlight));
await DBOS.shutdown();
process.send?.(runs);
process.disconnect();

async function run(orders: number, inFlight: number): Promise<DbosRun> {
  let begun = 0;
  const latencies: number[] = [];
  const started = performance.now();
  const client = async () => {
    while (begun < orders) {
      begun += 1;
      const since = performance.now();
      await order(begun);
      latencies.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: orders / seconds, p50Ms: median(latencies) };
}
