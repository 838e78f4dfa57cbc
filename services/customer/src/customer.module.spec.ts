import { afterEach, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { namedTokens, testSecret } from '@waybill/http/testing';
import { oneBroker } from '@waybill/messaging';
import { MemoryStorage } from '@waybill/messaging/testing';
import type { RunningService } from '@waybill/service';
import { startTestService } from '@waybill/service/testing';
import { CustomerModule } from './customer.module.ts';

let service: RunningService;
afterEach(() => service.close());

it('starts on a storage in memory and is ready', async () => {
  const brokers = oneBroker(embeddedBroker());
  const env = {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/customer',
    LOG_LEVEL: 'silent',
    SERVICE_SECRET: testSecret,
  };
  const host = { env, brokers, seed: false, listen: null, tokenVerifier: namedTokens };
  service = await startTestService(CustomerModule, host, new MemoryStorage(brokers));
  expect((await service.app.inject('/health/ready')).statusCode).toBe(200);
});
