import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { composeProject, otherImage } from '../system/compose.config.ts';
import { whileCustomersOrder } from '../system/compose-load.ts';
import { ComposeSystem } from '../system/compose-system.ts';

jest.setTimeout(1_800_000);

const services = [
  'analytics',
  'customer',
  'notification',
  'shipping',
  'payment',
  'inventory',
  'order',
];

describe('two releases', () => {
  let system: ComposeSystem;
  beforeAll(() => {
    const { name, url } = composeProject();
    system = new ComposeSystem(name, url);
  });
  afterAll(() => system?.dispose());

  /** Replaces the services one after another, so that both releases exchange messages. */
  async function replace(imageOf: (service: string) => string | null): Promise<void> {
    const images: Record<string, string> = {};
    for (const service of [...services, 'gateway']) {
      const image = imageOf(service);
      if (image) images[service] = image;
      system.runs(images);
      await system.up([service], '--no-deps');
    }
  }

  it('carry orders side by side while the older one takes over, and the newer one again', () =>
    whileCustomersOrder(system, async (shoppers) => {
      await replace(() => otherImage());
      await shoppers.reach(shoppers.bought.length + 20, 120_000);
      await replace(() => null);
    }));
});
