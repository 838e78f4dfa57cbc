import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HowTo } from './how-to.ts';

let page: HowTo;

describe('a new step of a saga', () => {
  beforeAll(() => {
    page = new HowTo('add-a-saga-step.md');
  });
  afterAll(() => page.remove());

  it('touches four files: messages, saga, participant, spec', () => {
    expect(page.files.map((file) => basename(file))).toEqual([
      'payment.messages.ts',
      'place-order.saga.ts',
      'payment.consumer.ts',
      'place-order.saga.spec.ts',
    ]);
  });

  it('fits the types of both services', async () => {
    expect(await page.types()).toBe('');
  }, 180_000);

  it('keeps the rules of Biome', async () => {
    expect(await page.style()).toBe('');
  }, 180_000);

  it('passes its spec and those of the order service, as they are', async () => {
    const specs =
      'src/(sagas|messages|testing)/(place-order.saga|order.consumer|simulation)\\.spec';
    const printed = await page.test('order', specs);
    expect(printed).toContain('✓ comes before the payment');
    expect(printed).toMatch(/Test Suites: 3 passed, 3 total/);
  }, 180_000);
});

describe('a new event with a consumer', () => {
  beforeAll(() => {
    page = new HowTo('add-an-event.md');
  });
  afterAll(() => page.remove());

  it('touches five files: messages, publisher, consumer, module, spec', () => {
    expect(page.files.map((file) => basename(file))).toEqual([
      'inventory.messages.ts',
      'catalogue.consumer.ts',
      'price.consumer.ts',
      'inventory.module.ts',
      'price.consumer.spec.ts',
    ]);
  });

  it('fits the types of the service', async () => {
    expect(await page.types()).toBe('');
  }, 180_000);

  it('keeps the rules of Biome', async () => {
    expect(await page.style()).toBe('');
  }, 180_000);

  it('passes its spec, and the service starts with the new consumer', async () => {
    const specs = 'src/(messages/(price|catalogue)\\.consumer|inventory\\.module)\\.spec';
    const printed = await page.test('inventory', specs);
    expect(printed).toContain('✓ orders more of a product whose price fell');
    expect(printed).toMatch(/Test Suites: 3 passed, 3 total/);
  }, 180_000);
});

describe('a new message of the WebSocket', () => {
  beforeAll(() => {
    page = new HowTo('add-a-websocket-message.md');
  });
  afterAll(() => page.remove());

  it('fits the types of the gateway', async () => {
    expect(await page.types()).toBe('');
  }, 180_000);

  it('keeps the rules of Biome', async () => {
    expect(await page.style()).toBe('');
  }, 180_000);

  it('passes its spec: the gateway hands it on', async () => {
    const printed = await page.test('gateway', 'src/ws/typing\\.edge\\.spec');
    expect(printed).toContain('✓ who is typing is told to everybody else in the room');
    expect(printed).toMatch(/Test Suites: 1 passed, 1 total/);
  }, 180_000);
});
