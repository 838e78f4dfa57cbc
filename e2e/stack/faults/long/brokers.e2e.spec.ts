import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { FaultRuns } from '../../../system/fault-runs.ts';
import { ordersWaiting } from '../../../system/faults.config.ts';
import { OwnBrokers } from '../../../system/own-brokers.ts';
import { ProcessSystem } from '../../../system/process-system.ts';

jest.setTimeout(1_800_000);
const goalSeconds = 30;

describe('while customers order and a broker hangs or is full', () => {
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

  it('accepts orders while SNS/SQS hangs, and finishes them when it goes on', () =>
    runs.survives(
      'sns-sqs frozen',
      async (load) => {
        await brokers.freeze('sns-sqs');
        await load.accepts(ordersWaiting);
        await brokers.thaw('sns-sqs');
      },
      { goalSeconds },
    ));

  it('accepts orders while RabbitMQ has no room on its disk, and finishes them when it has', () =>
    runs.survives(
      'disk alarm of rabbitmq',
      async (load) => {
        await brokers.diskAlarm(true);
        await load.accepts(ordersWaiting);
        await brokers.diskAlarm(false);
      },
      { goalSeconds },
    ));
});
