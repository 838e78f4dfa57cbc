import { expect, it } from '@jest/globals';
import { newId, OrderAnnounced } from '@waybill/contracts';
import { anOrderPlacement } from '../testing/invoice.fixtures.ts';
import { destinationOf } from './countries.ts';
import { messagesOf } from './order.announcements.ts';
import { evolve } from './order.ts';

const announced = ({ country = 'DE', total = 1_000 }) => {
  const data = { ...anOrderPlacement({ country }), total };
  const place = { id: newId(), version: 1, at: '2026-01-01T00:00:00.000Z' };
  const order = evolve(undefined, { type: 'placed', data }, place);
  const [message] = messagesOf(order, { type: 'delivered', data: {} }).filter(
    ({ contract }) => contract.type === OrderAnnounced.type,
  );
  if (!message) throw new Error('nothing was announced');
  return message;
};

it.each([
  [99_999, 'normal'],
  [100_000, 'high'],
])('an order of %s is announced with the header order-value: %s', (total, value) => {
  expect(announced({ total }).options.headers).toEqual({ 'order-value': value });
});

it('an order is announced for the region that its price for delivery was of', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const served = codes.filter((code) => destinationOf(code));
  const regionOf = (country: string) => {
    const { contract, data } = announced({ country });
    return contract.attributes(data)['region'];
  };
  const zoneOf = (country: string) =>
    destinationOf(country)?.zone === 'world' ? 'world' : 'europe';
  expect(served.map((each) => [each, regionOf(each)])).toEqual(
    served.map((each) => [each, zoneOf(each)]),
  );
});
