import { beforeAll, describe, it } from '@jest/globals';
import { FaultRuns } from '../../../system/fault-runs.ts';
import { everyProcess } from '../../../system/faults.config.ts';
import { useProcesses } from '../../../system/process-system.ts';

describe('while customers order and processes are killed in turn', () => {
  const system = useProcesses({ env: { RATE_LIMIT: '1000000' } });
  const runs = new FaultRuns('services', system);
  beforeAll(() => runs.stockUp());

  it('loses nothing when each service and the gateway is killed', () =>
    runs.survives('kill -9 of each in turn', async (load) => {
      for (const name of everyProcess) {
        const before = system().pid(name);
        await system().kill(name);
        await system().restarted(name, 1, before);
        await load.accepts(10);
      }
    }));

  it('loses nothing when PostgreSQL is restarted in order', () =>
    runs.survives('PostgreSQL restarted', async () => {
      await system().stopPostgres();
      await system().startPostgres();
      await system().acceptsAgain();
    }));
});
