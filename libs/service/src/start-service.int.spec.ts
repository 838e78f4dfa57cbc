import { afterAll, describe, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { namedTokens, testSecret } from '@waybill/http/testing';
import { oneBroker } from '@waybill/messaging';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { JourneyRow } from './ops/journey.ts';
import { startService } from './prepare-service.ts';
import type { RunningService } from './running-service.ts';
import { CounterModule } from './testing/counter.module.ts';

/** The journey of the counter, once both of its events were processed. */
async function received(service: RunningService): Promise<readonly JourneyRow[]> {
  let journey: readonly JourneyRow[] = [];
  await eventually(async () => {
    journey = await service.operations.journey('a');
    return journey.filter(({ name }) => name === 'counter.added').length === 2;
  });
  return journey;
}

describe('a service on its own database', () => {
  let database: TestDatabase | undefined;
  afterAll(() => database?.close());

  it('migrates, answers after the commit, receives its own event, and knows it all again after a restart', async () => {
    database = await testDatabase();
    const env = { DATABASE_URL: database.url, LOG_LEVEL: 'silent', SERVICE_SECRET: testSecret };
    const start = () =>
      startService(CounterModule, {
        env,
        brokers: oneBroker(embeddedBroker()),
        migrate: true,
        exclusive: true,
        listen: null,
        tokenVerifier: namedTokens,
      });
    const add = { method: 'POST' as const, url: '/counters', payload: { id: 'a', n: 7 } };
    const headers = { authorization: 'Bearer ada' };

    const first = await start();
    const answered = await first.app.inject({ ...add, headers });
    expect(answered.json()).toEqual({ total: 7, by: 'Ada Lovelace' });
    expect((await first.app.inject('/health/ready')).statusCode).toBe(200);
    const { checks } = (await first.app.inject('/health')).json();
    const values = Object.fromEntries(
      checks.map(({ name, value }: { name: string; value: number }) => [name, value]),
    );
    expect(values).toMatchObject({ parked: 0, 'dead-letters': 0, consumer: 0 });
    await first.close();

    const second = await start();
    expect((await second.app.inject({ ...add, headers })).json()).toMatchObject({ total: 14 });
    const journey = await received(second);
    expect(journey.find(({ name }) => name === 'counter.added')).toMatchObject({
      service: 'counter',
      from: 'counter',
      broker: 'embedded',
      outcome: 'applied',
    });
    await second.close();
  }, 60_000);

  it('says which database it cannot reach, and never the password', async () => {
    const env = {
      DATABASE_URL: 'postgres://someone:hunter2hunter2@127.0.0.1:1/nowhere',
      LOG_LEVEL: 'silent',
      SERVICE_SECRET: testSecret,
    };
    const started = startService(CounterModule, {
      env,
      brokers: oneBroker(embeddedBroker()),
      listen: null,
      tokenVerifier: namedTokens,
    });
    const error = await started.catch((reason: Error) => reason);
    expect(String(error)).toContain('counter cannot reach its database nowhere at 127.0.0.1:1');
    expect(String(error)).not.toContain('hunter2');
  });
});
