import { describe, expect, it } from '@jest/globals';
import { settingProblems } from '@waybill/service';
import { inventoryConfig } from './inventory.config.ts';

describe('the settings of inventory', () => {
  it('need nothing', () => {
    expect(inventoryConfig.parse({})).toEqual({
      shopCurrency: 'EUR',
      reservationReviewAfter: 1_200_000,
      reservationReviewEvery: 30_000,
      lowStockThreshold: 10,
      defaultWarehouse: 'MAIN',
      autoRestock: false,
      supplier: 'granary',
      supplierUrl: 'http://127.0.0.1:8092',
      supplierApiKey: 'carriers-development-key',
      supplierWebhookSecrets: [],
      supplierReviewAfter: 3_600_000,
      supplierReviewEvery: 30_000,
      imageWorkers: 3,
      importRetention: 2_592_000_000,
      jobsEvery: 1_000,
      openBlobs: expect.any(Function),
      redis: null,
    });
  });

  it('are read from text', () => {
    const settings = inventoryConfig.parse({
      RESERVATION_REVIEW_AFTER: '2h',
      LOW_STOCK_THRESHOLD: '3',
      AUTO_RESTOCK: 'true',
    });
    expect(settings).toMatchObject({
      reservationReviewAfter: 7_200_000,
      lowStockThreshold: 3,
      autoRestock: true,
      supplierWebhookSecrets: ['whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0'],
    });
  });

  it.each([
    { SHOP_CURRENCY: 'euro' },
    { RESERVATION_REVIEW_AFTER: '20' },
    { RESERVATION_REVIEW_AFTER: '0m' },
    { RESERVATION_REVIEW_EVERY: 'soon' },
    { LOW_STOCK_THRESHOLD: '-1' },
    { LOW_STOCK_THRESHOLD: '1.5' },
    { DEFAULT_WAREHOUSE: 'main hall' },
    { AUTO_RESTOCK: 'perhaps' },
    { SUPPLIER: 'Granary & Sons' },
    { SUPPLIER_URL: 'ftp://127.0.0.1' },
    { SUPPLIER_WEBHOOK_SECRET: 'secret' },
    { IMAGE_WORKERS: '0' },
    { BLOBS: 'ftp://x' },
    { REDIS_URL: 'http://127.0.0.1' },
  ])('are refused when they are %j', (env) => {
    expect(inventoryConfig.safeParse(env).success).toBe(false);
  });

  it('are refused where a deployed service would restock at a sandbox, or with a secret that is known', () => {
    const env = { WAYBILL_DEPLOYED: 'true', AUTO_RESTOCK: 'true', SUPPLIER_API_KEY: 'own-key' };
    expect(settingProblems(env, [inventoryConfig])).toEqual([
      'SUPPLIER_WEBHOOK_SECRET has its development value, which a deployed service refuses',
      'SUPPLIER_URL has the address of the sandbox, which a deployed service refuses',
    ]);
    const wrong = settingProblems({ SUPPLIER_WEBHOOK_SECRET: 'hunter2' }, [inventoryConfig]);
    expect(wrong).toEqual([expect.stringMatching(/^SUPPLIER_WEBHOOK_SECRET: is one or two/)]);
    expect(wrong.join()).not.toContain('hunter2');
  });
});
