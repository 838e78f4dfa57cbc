import { describe, it } from '@jest/globals';
import { eventually } from '../../system/eventually.ts';
import { useFaultRuns } from '../../system/fault-runs.ts';
import { isFull, oneByOne, ordersWaiting } from '../../system/faults.config.ts';
import { OwnBrokers } from '../../system/own-brokers.ts';

const ended = ['rabbitmq', 'kafka', 'redis'] as const;
/** The short form uses only the harder way. */
const outages = (isFull ? (['stop', 'kill'] as const) : (['kill'] as const)).flatMap((how) =>
  oneByOne(ended).map(([told, names]) => [told, how, names] as const),
);

/** Seconds from the moment a broker is available again until everything that waited for it is done. */
const goalSeconds = 30;

describe('while customers order and a broker is away', () => {
  const { brokers, system, runs } = useFaultRuns('brokers', () => OwnBrokers.start());

  it.each(outages)(
    'accepts orders while %s is away after a %s, and finishes them when it is back',
    (told, how, names) =>
      runs.survives(
        `${told} away after a ${how}`,
        async (load) => {
          for (const name of names) await brokers()[how](name);
          await load.accepts(ordersWaiting);
          for (const name of names) await brokers().start(name);
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
      await brokers()[how]('sns-sqs');
      await runs.survives(
        `sns-sqs away after a ${how}, all its queues gone`,
        async (load) => {
          await load.accepts(ordersWaiting);
          await brokers().start('sns-sqs');
        },
        { goalSeconds },
      );
    },
  );
});
