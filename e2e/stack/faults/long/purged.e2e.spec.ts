import { beforeAll, describe, it } from '@jest/globals';
import { FaultRuns, lasting } from '../../../system/fault-runs.ts';
import { rabbitmqForeigner } from '../../../system/foreigners.ts';
import { useProcesses } from '../../../system/process-system.ts';

/** The services that subscribe to commands and replies, each in the group of its name. */
const subscribers = ['payment', 'inventory', 'shipping', 'order'] as const;
/** How many orders are in progress when a queue is purged. */
const underWay = 50;

describe('while customers order and queues are purged', () => {
  const system = useProcesses({ env: { RATE_LIMIT: '1000000', SAGA_NET: '4s' } });
  const runs = new FaultRuns('purged', system);
  beforeAll(() => runs.stockUp());

  it.each(subscribers)('settles every order whose messages to %s were purged', (name) =>
    runs.survives(`queues purged: ${name}`, async (load) => {
      const operator = await rabbitmqForeigner(`${system().namespace}.${name}`);
      await system().killForGood(name);
      // Without the order service no orders are accepted, but replies to it are in transit.
      await (name === 'order' ? lasting(1_000) : load.accepts(underWay));
      await operator.purge();
      system().release(name);
      await system().allReady();
      await operator.close();
    }),
  );
});
