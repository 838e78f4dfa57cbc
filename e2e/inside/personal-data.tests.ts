import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { encode, newId, OrderAnnounced, wrap } from '@waybill/contracts';
import { aLine, anAddress, euros } from '@waybill/testing';
import { Client as Database } from 'pg';
import type { Target } from '../portable/target.ts';
import { type Found, foundIn, foundInFiles, foundInTables } from '../system/byte-search.ts';
import type { Client, OrderView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { patient } from '../system/patience.config.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

/** Milliseconds: well before keys in memory are read again. */
const atOnce = patient(10_000);

/** A message as it is sent. */
export interface Sent {
  readonly id: string;
  readonly key: string;
  readonly body: string;
}

/** A system whose inside is searched. */
export interface SearchedSystem {
  readonly system: () => SystemUnderTest;
  /** Sends a message to the group `notification.email`, past all checks of its sender. */
  readonly announce: (message: Sent) => Promise<void>;
  /** What its processes have logged. */
  readonly logs: () => string;
  /** What its brokers hold; default: nothing but what is in its files and databases. */
  readonly messages?: () => Promise<readonly string[]>;
}

/** Texts that occur nowhere else. The addresses of callers are not kept anywhere, so none is planted. */
const planted = () => {
  const mark = randomBytes(6).toString('hex');
  return {
    name: `Planted Name ${mark}`,
    email: `planted.${mark}@example.com`,
    line1: `${mark} Planted Street`,
    token: `tok_planted_${mark}`,
    note: `planted note ${mark}`,
  };
};

/** Five texts of a customer are in plain nowhere inside the system, and after the erasure nobody is shown one of them. */
export function personalDataTests(searched: SearchedSystem, target: () => Target): void {
  const { system } = searched;

  async function search(texts: readonly string[]): Promise<Found[]> {
    const { databases } = system().data.whereabouts();
    const held = (await searched.messages?.()) ?? [];
    return [
      ...(await foundInTables(databases, texts)),
      ...foundInFiles(system().data.path, texts),
      ...foundIn('logs', searched.logs(), texts),
      ...held.flatMap((message) => foundIn('a broker', message, texts)),
    ];
  }

  async function signUp({ name, email }: { name: string; email: string }): Promise<Client> {
    const { api } = target().anonymous();
    const password = 'correct horse';
    await api.POST('/api/v1/customers', { body: { email, password, name, locale: 'en' } });
    const { data } = await api.POST('/api/v1/auth/token', { body: { email, password } });
    return target()
      .anonymous()
      .with(data?.accessToken ?? null);
  }

  /** The name and the address of a customer as an order keeps them. */
  async function encryptedIn(orderId: string): Promise<{ name: string; email: string }> {
    const database = new Database(system().data.whereabouts().databases.order);
    await database.connect();
    try {
      const { rows } = await database.query('select content from orders where id = $1', [orderId]);
      const { customerName: name, customerEmail: email } = rows[0].content;
      return { name, email };
    } finally {
      await database.end();
    }
  }

  /** An announcement about the customer of an order that nobody can read, as a broken release would send it. */
  async function makeDeadLetter({ id: number, customerId }: OrderView): Promise<string> {
    const key = newId();
    const data = {
      orderId: key,
      number,
      status: 'confirmed' as const,
      reason: null,
      customer: { id: customerId, ...(await encryptedIn(number)) },
      lines: [aLine()],
      total: euros(1),
      shippingMethod: 'standard' as const,
      country: 'DE',
      at: new Date().toISOString(),
    };
    const cause = { id: key, correlationId: key, traceparent: null };
    const context = { cause, source: 'order', now: new Date(), name: 'broken' };
    const wrapped = wrap(OrderAnnounced(data), context);
    // Without a cause, because no message of the system is.
    const body = encode({ ...wrapped, causationId: null, data: { ...data, total: 'broken' } });
    await searched.announce({ id: wrapped.id, key, body });
    const ops = await target().as('ops');
    return eventually('the dead letter is listed', async () => {
      const query = { type: OrderAnnounced.type };
      const { items } = await ops.read('/api/v1/dead-letters', { query });
      return items.find((each) => each.key === key && each.group === 'notification.email')?.id;
    });
  }

  /** Everything that an operator is shown of a customer with a reason, and documents. */
  async function shown(customerId: string, orderId: string, shipmentId: string): Promise<string> {
    const ops = await target().as('ops');
    const reason = 'reason=ticket%207';
    const paths = [
      `/api/v1/customers/${customerId}?${reason}`,
      `/api/v1/customers/${customerId}/events`,
      `/api/v1/orders?customerId=${customerId}&${reason}`,
      `/api/v1/orders/${orderId}/events?${reason}`,
      `/api/v1/notifications?orderId=${orderId}&${reason}`,
      `/api/v1/shipments/${shipmentId}`,
      `/api/v1/payments/${orderId}`,
    ];
    const texts = [];
    for (const path of paths) {
      const { status, bytes } = await ops.get(path);
      expect([path, status]).toEqual([path, 200]);
      texts.push(bytes.toString());
    }
    return texts.join('\n');
  }

  it('are in plain nowhere in the system, and nowhere at all once the customer is erased', async () => {
    const texts = planted();
    const all = Object.values(texts);
    const customer = await signUp(texts);
    const customerId = customer.userId;
    const shippingAddress = { ...anAddress(), name: texts.name, line1: texts.line1 };
    await customer.post('/api/v1/customers/me/addresses', shippingAddress);
    const { note } = texts;
    const order = await customer.buy({ shippingAddress, note });
    const { id } = order;
    const payment = { method: 'card', token: texts.token };
    expect((await customer.buy({ shippingAddress, note, payment })).status).toBe('rejected');
    const deadLetter = await makeDeadLetter(order);
    const ops = await target().as('ops');
    const letter = `/api/v1/dead-letters/${deadLetter}`;
    const original = async () => (await ops.get(`${letter}/original?reason=test`)).bytes.toString();
    expect(await original()).toContain(id);

    expect(await search(all)).toEqual([]);
    // The search finds what is there.
    const places = new Set((await search([id])).map(([place]) => place));
    expect(places).toContain('notification: public.dead_letter');
    expect(places.size).toBeGreaterThan(10);
    const shipment = order.shipments[0]?.id ?? '';
    const before = foundIn('', await shown(customerId, id, shipment), all);
    expect(before.map(([, text]) => text)).toEqual([texts.name, texts.email, texts.line1, note]);
    const invoice = `/api/v1/orders/${id}/invoice.pdf?reason=test`;
    const { bytes: invoiced } = await ops.get(invoice);

    expect((await customer.send('DELETE', '/api/v1/customers/me')).status).toBe(202);
    await eventually(
      'no view shows the customer',
      async () => {
        const left = foundIn('', await shown(customerId, id, shipment), all);
        return left.length === 0;
      },
      atOnce,
    );
    expect(await search(all)).toEqual([]);
    expect(foundIn('', await original(), all)).toEqual([]);
    const { status, bytes } = await ops.get(invoice);
    expect([status, bytes.equals(invoiced)]).toEqual([200, false]);
    const label = await ops.get(`/api/v1/shipments/${shipment}/label.pdf?reason=test`);
    expect([200, 404, 409, 410]).toContain(label.status);
    expect((await ops.send('DELETE', letter)).status).toBe(204);
  });
}
