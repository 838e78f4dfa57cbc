import { beforeEach, describe, expect, it } from '@jest/globals';
import { isEncrypted } from '@waybill/contracts';
import { MemoryKeys } from '@waybill/encryption/testing';
import type { Caller } from '@waybill/http';
import { invoiceOf } from '../domain/invoice.ts';
import { evolve, type Order } from '../domain/order.ts';
import { viewOf } from '../messages/order.view.ts';
import { anOrderPlacement, seller } from '../testing/invoice.fixtures.ts';
import { address } from '../testing/order.fixtures.ts';
import { PersonalOrders } from './personal-orders.ts';

const ada: Caller = { id: 'ada', roles: ['customer'], name: 'Ada L.', email: 'ada@example.com' };
const ops: Caller = { id: 'ops', roles: ['operator'], name: 'Ops', email: 'ops@example.com' };
const payment = { method: 'card', token: 'tok_visa' } as const;
const entered = { shippingAddress: address, payment, note: 'ring twice' };

let keys: MemoryKeys;
let personal: PersonalOrders;
let order: Order;

beforeEach(async () => {
  keys = new MemoryKeys();
  personal = new PersonalOrders(keys.cipher());
  const { customer, shippingAddress, country, note } = await personal.encrypted(ada, entered);
  const content = { customerName: customer.name, customerEmail: customer.email };
  const data = anOrderPlacement({ ...content, shippingAddress, country, note });
  order = evolve(undefined, { type: 'placed', data }, { id: 'o-1', version: 1, at: 'now' });
});

describe('the personal data of an order', () => {
  it('leave the edge encrypted, except what rules need', async () => {
    const { customer, payment, note, ...rest } = await personal.encrypted(ada, entered);
    const token = 'token' in payment && payment.token;
    for (const each of [customer.name, customer.email, rest.shippingAddress, token, note])
      expect(isEncrypted(each)).toBe(true);
    expect([customer.id, rest.country, payment.method]).toEqual(['ada', 'DE', 'card']);
  });

  it('that a token does not name stay empty', async () => {
    const { customer } = await personal.encrypted({ ...ada, name: '', email: '' }, entered);
    expect(customer).toEqual({ id: 'ada', name: '', email: '' });
  });

  it('are shown to their customer, and to an operator who gives a reason', async () => {
    const plain = { shippingAddress: address, note: 'ring twice' };
    expect(await personal.of(order, { caller: ada })).toEqual(plain);
    expect(await personal.of(order, { caller: ops, reason: 'a call' })).toEqual(plain);
    expect(await personal.content(order, { caller: ada })).toMatchObject({
      customerName: 'Ada L.',
      customerEmail: 'ada@example.com',
    });
  });

  it('are masked for another operator, without the keys of the address', async () => {
    keys.isAway = true;
    const { shippingAddress, note } = await personal.of(order, { caller: ops });
    expect(shippingAddress).toMatchObject({ name: '***', city: '***', country: 'DE' });
    expect(note).toBe('***');
    keys.isAway = false;
    expect(await personal.content(order, { caller: ops })).toMatchObject({
      customerName: '***',
      customerEmail: 'a***@example.com',
    });
  });

  it('are in the response to an accepted order, also when it is repeated', async () => {
    const stored = JSON.stringify(viewOf(order));
    expect(stored).not.toContain('Main St');
    const opened = await personal.opened(stored);
    expect(JSON.parse(opened)).toMatchObject({ shippingAddress: address, note: 'ring twice' });
    expect(await personal.opened(stored)).toBe(opened);
    const view = viewOf(order, [], await personal.of(order, { caller: ada }));
    expect(opened).toBe(JSON.stringify(view));
  });

  it('are gone once the customer is erased, who places no further order', async () => {
    keys.erase('ada');
    const wish = { caller: ops, reason: 'a call' };
    const { shippingAddress, note } = await personal.of(order, wish);
    expect(shippingAddress).toMatchObject({ name: 'erased', line1: 'erased', country: 'DE' });
    expect(note).toBeNull();
    expect(await personal.content(order, wish)).toMatchObject({ customerEmail: 'erased' });
    const refused = { status: 403, code: 'customer_inactive' };
    await expect(personal.encrypted(ada, entered)).rejects.toMatchObject(refused);
  });
});

describe('the buyer of an invoice', () => {
  it('is shown like the order, and is nobody once erased', async () => {
    const issue = { number: '2026-000007', issuedOn: '2026-11-29' };
    const invoice = invoiceOf(order, '2026-11-28', seller, issue);
    const buyer = (caller: Caller) => personal.buyer(invoice, 'ada', { caller });
    expect(await buyer(ada)).toEqual(['Ada L.', '1 Main St', '10115 Berlin', 'Germany']);
    expect(await buyer(ops)).toEqual(['***', 'Germany']);
    keys.erase('ada');
    expect(await buyer(ada)).toEqual(['erased', 'Germany']);
  });

  it('of a document of an earlier release is shown in plain', async () => {
    const old = { buyer: { lines: ['Ada L.'], vatId: null } } as never;
    expect(await personal.buyer(old, 'ada', { caller: ada })).toEqual(['Ada L.']);
  });
});
