import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { serversOfTests } from '../system/servers-of-tests.config.ts';
import { TestSystem } from '../system/test-system.ts';

jest.setTimeout(300_000);

describe('the system in one process', () => {
  let system: TestSystem | undefined;
  afterEach(() => system?.dispose());

  it.each(['kafka', 'rabbitmq', 'sns-sqs', 'mixed'])('runs on %s', async (brokers) => {
    const BROKER_NAMESPACE = `e2e-${randomUUID().slice(0, 8)}`;
    system = await TestSystem.start({ ...serversOfTests, BROKERS: brokers, BROKER_NAMESPACE });
    const ada = await system.as('ada');
    const bought = await Promise.all([
      ada.buy(),
      ada.buy({ payment: { method: 'card', token: 'tok_declined' } }),
      ada.buy({ payment: { method: 'card', token: 'tok_capture_fails' } }),
    ]);
    expect(bought.map(({ status, reason }) => [status, reason])).toEqual([
      ['confirmed', null],
      ['rejected', 'payment_declined'],
      ['rejected', 'payment_declined'],
    ]);
    expect(await system.verify()).toEqual([]);
  });
});
