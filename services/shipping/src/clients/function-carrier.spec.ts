import { describe, expect, it } from '@jest/globals';
import { inProcessCarriers } from '@waybill/carriers';
import { FunctionCarrier } from './function-carrier.ts';

const orderId = '0195a000-0000-7000-8000-000000000001';
const operationId = `${orderId}/book-shipment`;
const request = {
  operationId,
  orderId,
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
  method: 'standard' as const,
  weightGrams: 1_200,
};

async function heron() {
  const sandbox = await inProcessCarriers({ dataFile: null });
  const functions = sandbox.carriers.find(({ name }) => name === 'heron');
  if (!functions) throw new Error('the sandbox has no heron');
  return { sandbox, carrier: new FunctionCarrier(functions) };
}

describe('a carrier in this process', () => {
  it('quotes, books once and cancels like one behind HTTP', async () => {
    const { carrier, sandbox } = await heron();
    const parcel = { country: 'DE', weightGrams: 2_000, method: 'standard' as const };
    expect(await carrier.quote(parcel)).toMatchObject({ cost: { amount: 490 } });
    expect(await carrier.quote({ ...parcel, weightGrams: 90_000 })).toBeNull();
    const first = await carrier.book(request);
    expect(first).toMatchObject({ outcome: 'booked', cost: { amount: 490 } });
    expect(await carrier.book(request)).toEqual(first);
    expect(await carrier.cancel(operationId)).toEqual({ outcome: 'cancelled' });
    expect(await carrier.book(request)).toMatchObject({ outcome: 'refused' });
    await sandbox.close();
  });

  it('says that a request with another body is in doubt', async () => {
    const { carrier } = await heron();
    await carrier.book(request);
    const changed = await carrier.book({ ...request, weightGrams: 1 });
    expect(changed).toMatchObject({ outcome: 'unknown' });
  });
});
