import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type InProcessProvider, inProcessProvider } from './in-process.ts';

const orderId = '0198c0de-0000-7000-8000-000000000001';
const operationId = `${orderId}/authorize-payment`;
const amount = { amount: 1999, currency: 'EUR' };

let folder: string;
let provider: InProcessProvider;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'in-process-'));
  provider = await inProcessProvider({ dataFile: join(folder, 'ledger.jsonl') });
});
afterEach(async () => {
  await provider.close();
  await rm(folder, { recursive: true });
});

const authorize = (token: string) => provider.authorize({ operationId, orderId, amount, token });

describe('the provider in process', () => {
  it('keeps the same books as over HTTP', async () => {
    expect(await authorize('tok_visa')).toMatchObject({ status: 'authorized' });
    const move = { authorization: operationId, amount };
    expect(await provider.capture({ operationId: 'c', ...move })).toMatchObject({
      status: 'captured',
    });
    expect(await provider.refund({ operationId: 'r', ...move })).toMatchObject({
      status: 'refunded',
    });
    expect(await provider.void({ authorization: operationId })).toMatchObject({
      status: 'captured',
    });
    expect(provider.ledger()).toMatchObject([{ authorized: 1999, captured: 1999, refunded: 1999 }]);
  });

  it.each(['tok_timeout_then_success', 'tok_error_then_success'])(
    'loses the first answer of %s after its effect',
    async (token) => {
      await expect(authorize(token)).rejects.toMatchObject({ retriable: true });
      expect(provider.ledger()).toMatchObject([{ authorized: 1999 }]);
      expect(await authorize(token)).toMatchObject({ status: 'authorized' });
    },
  );

  it('never reaches its books with tok_unavailable', async () => {
    await expect(authorize('tok_unavailable')).rejects.toMatchObject({ retriable: true });
    expect(provider.ledger()).toEqual([]);
  });
});
