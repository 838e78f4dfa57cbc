import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { seededRandom } from '@waybill/testing';
import { chosenSeed } from '../system/chosen-seed.config.ts';
import { composeProject } from '../system/compose.config.ts';
import { ComposeSystem } from '../system/compose-system.ts';
import { patient } from '../system/patience.config.ts';
import { brokenPromises, Shoppers } from '../system/shoppers.ts';

jest.setTimeout(900_000);

describe('a back-up of every database', () => {
  let system: ComposeSystem;
  let folder: string;
  beforeAll(() => {
    const { name, url } = composeProject();
    system = new ComposeSystem(name, url);
    folder = mkdtempSync(join(tmpdir(), 'waybill-backup-'));
  });
  afterAll(() => {
    system?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries on, with brokers that know nothing, every order that was accepted before it', async () => {
    const ada = await system.as('ada');
    const shoppers = new Shoppers(ada, seededRandom(chosenSeed), 8);
    shoppers.start();
    await shoppers.reach(60, patient(120_000)).catch(async (error) => {
      await shoppers.abandon();
      throw error;
    });
    // No new orders from here on, but sagas are in progress: the sandboxes continue, and the backup lacks what follows.
    await system.kill('gateway');
    await system.operate('backup', folder);
    await shoppers.abandon();
    await system.operate('restore', folder);
    expect(shoppers.bought.length).toBeGreaterThanOrEqual(60);
    // Messages that a broker lost are sent again after the saga's reply timeout.
    expect(await system.verify(patient(300_000))).toEqual([]);
    expect(await brokenPromises(ada, shoppers.bought)).toEqual([]);
    expect(await ada.buy()).toMatchObject({ status: 'confirmed' });
  });
});
