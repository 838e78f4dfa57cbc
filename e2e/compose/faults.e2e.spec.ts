import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { composeProject } from '../system/compose.config.ts';
import { whileCustomersOrder } from '../system/compose-load.ts';
import { ComposeSystem } from '../system/compose-system.ts';

jest.setTimeout(900_000);

describe('docker compose, while customers order', () => {
  let system: ComposeSystem;
  beforeAll(() => {
    const { name, url } = composeProject();
    system = new ComposeSystem(name, url);
  });
  afterAll(() => system?.dispose());

  it.each(['rabbitmq', 'kafka', 'sns-sqs', 'redis', 'postgres'])(
    'loses no order when the container of %s is killed',
    (server) =>
      whileCustomersOrder(system, async () => {
        await system.kill(server);
        await system.up();
      }),
  );

  it('loses no order when the containers of two services are killed', () =>
    whileCustomersOrder(system, async () => {
      await system.kill('order', 'payment');
      await system.up();
    }));

  it('shares the work of a service between three containers, and takes two away again', () =>
    whileCustomersOrder(system, async (shoppers) => {
      await system.up([], '--scale', 'payment=3');
      await shoppers.reach(shoppers.bought.length + 20, 120_000);
      await system.up([], '--scale', 'payment=1');
    }));

  it('keeps everything over down and up', async () => {
    const ada = await system.as('ada');
    const placed = await ada.placeOrder();
    await system.down();
    await system.up();
    expect(await ada.settled(placed.body.id)).toMatchObject({ status: 'confirmed' });
    expect(await system.verify()).toEqual([]);
  });
});
