import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import {
  type RunningPaymentProvider,
  startPaymentProvider,
  startStripeDouble,
  stripeDevelopment,
} from '@waybill/payment-provider';
import { Resilience } from '@waybill/resilience';
import type { PaymentProvider } from '../domain/provider.ts';
import type { ProviderWebhooks } from '../http/provider-webhooks.ts';
import { SandboxWebhooks } from '../http/sandbox-webhooks.ts';
import { StripeWebhooks } from '../http/stripe-webhooks.ts';
import {
  type FaultyProvider,
  faultyProviderContract,
} from '../testing/faulty-provider.contract.ts';
import { Order, providerContract } from '../testing/provider.contract.ts';
import { realStripeKey } from '../testing/stripe-key.config.ts';
import { WebhookListener } from '../testing/webhook-listener.ts';
import { SandboxPaymentClient } from './sandbox-payment.client.ts';
import { StripePaymentClient } from './stripe-payment.client.ts';

const apiKey = 'a-key-for-the-provider';
const secret = 'whsec_cGF5bWVudC1kZXZlbG9wbWVudC1zZWNyZXQh';
const { secretKey } = stripeDevelopment;
const options = { apiKey, port: 0 };

interface Setup<C> {
  start(dataFile: string, webhookUrl: string): Promise<RunningPaymentProvider>;
  clientOf(url: string): C;
  webhooksOf(client: C): ProviderWebhooks;
}

const sandbox: Setup<SandboxPaymentClient> = {
  start: (dataFile, url) =>
    startPaymentProvider({ ...options, dataFile, webhooks: { url, secret } }),
  clientOf: (url) => new SandboxPaymentClient({ url, apiKey, calls: 8 }, new Resilience()),
  webhooksOf: () => new SandboxWebhooks([secret]),
};

const stripe: Setup<StripePaymentClient> = {
  start: (dataFile, url) =>
    startStripeDouble({ ...options, secretKey, dataFile, webhooks: { url, secret } }),
  clientOf: (url) =>
    new StripePaymentClient(
      { url, secretKey, returnUrl: 'http://127.0.0.1:8080/', calls: 8 },
      new Resilience(),
    ),
  webhooksOf: (client) => new StripeWebhooks([secret], (id) => client.orderOf(id)),
};

async function open<C extends PaymentProvider & { close(): Promise<void> }>(
  setup: Setup<C>,
): Promise<FaultyProvider> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-'));
  const listener = await WebhookListener.start(() => setup.webhooksOf(client));
  const running = await setup.start(join(folder, 'books'), listener.url);
  const client = setup.clientOf(running.url);
  const administer = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    await fetch(`${running.url}${path}`, { method, headers, body: JSON.stringify(body) });
  };
  return {
    provider: client,
    setFaults: (faults) => administer('PUT', '/faults', faults),
    openDispute: (authorization) => administer('POST', '/disputes', { authorization }),
    sumsOf: (orderId) => running.ledger().find((each) => each.orderId === orderId),
    told: (orderId, type, count = 1) => listener.told(orderId, type, count),
    close: async () => {
      await client.close();
      await running.close();
      listener.close();
      await rm(folder, { recursive: true });
    },
  };
}

describe('our sandbox', () => {
  providerContract(() => open(sandbox));
  faultyProviderContract(() => open(sandbox));
});

describe('a double of Stripe', () => {
  providerContract(() => open(stripe));
  faultyProviderContract(() => open(stripe));

  it('is asked again for what its search does not find yet', async () => {
    const { provider, setFaults, sumsOf, close } = await open(stripe);
    const given = new Order(provider);
    await setFaults({ lostAnswerShare: 1 });
    await expect(given.authorize()).rejects.toMatchObject({ retriable: true });
    await setFaults({ searchLags: true });
    await expect(given.void()).rejects.toMatchObject({ retriable: true });
    await setFaults({});
    expect(await given.void()).toMatchObject({ status: 'voided', amount: 1_999 });
    expect(sumsOf(given.orderId)).toMatchObject({ charges: 1, voided: 1_999 });
    await close();
  });
});

// Only by a key, see `npm run test:stripe`.
if (realStripeKey) {
  describe('Stripe itself', () => {
    jest.setTimeout(180_000);
    const settings = { url: null, returnUrl: 'https://example.com/', calls: 8 };
    providerContract(async () => {
      const stripe = { ...settings, secretKey: realStripeKey ?? '' };
      const provider = new StripePaymentClient(stripe, new Resilience());
      return { provider, close: () => provider.close() };
    });
  });
}
