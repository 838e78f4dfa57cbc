import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { eventually } from '../../system/eventually.ts';
import { FaultRuns } from '../../system/fault-runs.ts';
import { isFull, oneByOne, ordersWaiting } from '../../system/faults.config.ts';
import { OwnBrokers } from '../../system/own-brokers.ts';
import { ProcessSystem } from '../../system/process-system.ts';

jest.setTimeout(1_800_000);
const ended = ['rabbitmq', 'kafka', 'redis'] as const;
/** The short form uses only the harder way. */
const outages = (isFull ? (['stop', 'kill'] as const) : (['kill'] as const)).flatMap((how) =>
  oneByOne(ended).map(([told, names]) => [told, how, names] as const),
);

/** Seconds from the moment a broker is available again until everything that waited for it is done. */
const goalSeconds = 30;

describe('while customers order and a broker is away', () => {
  let brokers: OwnBrokers;
  let processes: ProcessSystem;
  const system = () => processes;
  const runs = new FaultRuns('brokers', system);

  beforeAll(async () => {
    brokers = await OwnBrokers.start();
    processes = await ProcessSystem.start({ env: { ...brokers.env, RATE_LIMIT: '1000000' } });
    await runs.stockUp();
  });
  afterAll(async () => {
    await processes?.dispose();
    await brokers?.dispose();
  });

  it.each(outages)(
    'accepts orders while %s is away after a %s, and finishes them when it is back',
    (told, how, names) =>
      runs.survives(
        `${told} away after a ${how}`,
        async (load) => {
          for (const name of names) await brokers[how](name);
          await load.accepts(ordersWaiting);
          for (const name of names) await brokers.start(name);
        },
        { goalSeconds },
      ),
  );

  /** Unlike SQS, the emulator loses its messages when it ends, so none may wait there. */
  const nothingWaitsAtSqs = async (): Promise<void> => {
    const ops = await system().as('ops');
    await eventually('nothing waits at SNS/SQS', async () => {
      const channels = await ops.all('/api/v1/channels', {});
      const ours = channels.filter(({ broker }) => broker === 'sns-sqs');
      return (
        ours.length > 0 && ours.every(({ depth, inFlight }) => (depth ?? 0) + (inFlight ?? 0) === 0)
      );
    });
  };

  it.each(isFull ? (['stop', 'kill'] as const) : (['stop'] as const))(
    'accepts orders while SNS/SQS is away after a %s, and finishes them when it is back and empty',
    async (how) => {
      await nothingWaitsAtSqs();
      await brokers[how]('sns-sqs');
      await runs.survives(
        `sns-sqs away after a ${how}, all its queues gone`,
        async (load) => {
          await load.accepts(ordersWaiting);
          await brokers.start('sns-sqs');
        },
        { goalSeconds },
      );
    },
  );
});
