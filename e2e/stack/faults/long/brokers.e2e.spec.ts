import { describe, it } from '@jest/globals';
import { useFaultRuns } from '../../../system/fault-runs.ts';
import { ordersWaiting } from '../../../system/faults.config.ts';
import { OwnBrokers } from '../../../system/own-brokers.ts';

const goalSeconds = 30;

describe('while customers order and a broker hangs or is full', () => {
  const { brokers, runs } = useFaultRuns('brokers', () => OwnBrokers.start());

  it('accepts orders while SNS/SQS hangs, and finishes them when it goes on', () =>
    runs.survives(
      'sns-sqs frozen',
      async (load) => {
        await brokers().freeze('sns-sqs');
        await load.accepts(ordersWaiting);
        await brokers().thaw('sns-sqs');
      },
      { goalSeconds },
    ));

  it('accepts orders while RabbitMQ has no room on its disk, and finishes them when it has', () =>
    runs.survives(
      'disk alarm of rabbitmq',
      async (load) => {
        await brokers().diskAlarm(true);
        await load.accepts(ordersWaiting);
        await brokers().diskAlarm(false);
      },
      { goalSeconds },
    ));
});
