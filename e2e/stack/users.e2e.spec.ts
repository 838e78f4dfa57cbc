import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type TemporaryStack, temporaryStack } from '@waybill/stack';
import { ProcessSystem } from '../system/process-system.ts';

/** Nothing is given, so that each process gets the user that the stack has for its service. */
const nothingGiven = {
  BROKER_NAMESPACE: '',
  DATABASE_URL: '',
  KAFKA_BROKERS: '',
  RABBITMQ_URL: '',
  REDIS_URL: '',
  AWS_ENDPOINT_URL: '',
  AWS_REGION: '',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
};

describe('servers that let nobody in without a user, and each service in as a user of its own by TLS', () => {
  let servers: TemporaryStack;
  let system: ProcessSystem;
  jest.setTimeout(600_000);
  beforeAll(async () => {
    servers = temporaryStack();
    const options = { freePorts: true, secure: true, tls: true };
    expect(await servers.stack.up(undefined, options)).toEqual([]);
    system = await ProcessSystem.start({
      env: { ...nothingGiven, STACK_DATA: servers.stack.folder },
    });
  });
  afterAll(async () => {
    await system?.dispose();
    await servers.remove();
  });

  it('carry orders to their end over every broker', async () => {
    const ada = await system.as('ada');
    const placed = await ada.placeOrder();
    expect(placed.status).toBe(202);
    expect(await ada.settled(placed.body.id)).toMatchObject({ status: 'confirmed' });
    expect(await ada.buy({ payment: { method: 'card', token: 'tok_declined' } })).toMatchObject({
      status: 'rejected',
      reason: 'payment_declined',
    });
  });

  it('let what is delayed and tried again come back', async () => {
    const ada = await system.as('ada');
    const late = await ada.buy({ payment: { method: 'card', token: 'tok_error_then_success' } });
    expect(late).toMatchObject({ status: 'confirmed' });
  });

  it('let announcements, catalogue and analytics have what they hear', async () => {
    expect(await system.verify()).toEqual([]);
  });
});
