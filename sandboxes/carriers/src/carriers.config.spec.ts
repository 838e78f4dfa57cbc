import { describe, expect, it } from '@jest/globals';
import { carriersConfig } from './carriers.config.ts';

describe('the settings of the carriers', () => {
  it('need nothing', () => {
    expect(carriersConfig({})).toMatchObject({ port: 8092, host: '127.0.0.1', currency: 'EUR' });
  });

  it('keep the place of the carrier in the URL of webhooks', () => {
    const url = 'http://127.0.0.1:8080/api/v1/carriers/{carrier}/webhooks';
    expect(carriersConfig({ CARRIERS_WEBHOOK_URL: url }).webhook?.url).toBe(url);
  });

  it.each([
    { CARRIERS_PORT: '70000' },
    { CARRIERS_WEBHOOK_SECRET: 'secret' },
    { CARRIERS_API_KEY: 'short' },
  ])('name what is wrong in %p', (env) => {
    expect(() => carriersConfig(env)).toThrow(Object.keys(env)[0]);
  });
});
