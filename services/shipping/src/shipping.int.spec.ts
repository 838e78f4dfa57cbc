import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isLive } from '@waybill/carriers';
import {
  BookShipment,
  CancelShipment,
  type Envelope,
  FindProducts,
  newId,
  ShipmentBooked,
  StopShipment,
} from '@waybill/contracts';
import { textOfPdf } from '@waybill/pdf/testing';
import { columnsInIndexes, downAndUp, permutationsOf, schemaChanges } from '@waybill/testing';
import { Carriers } from './clients/carrier.ts';
import type { Move } from './domain/shipment.ts';
import { HotShipments1795960000003 } from './storage/migrations/1795960000003-hot-shipments.ts';
import { Parcels1796300000003 } from './storage/migrations/1796300000003-parcels.ts';
import { ReturnedParcels1796500000005 } from './storage/migrations/1796500000005-returned-parcels.ts';
import { shippingInvariants } from './storage/shipping.invariants.ts';
import { shippingStorage } from './storage/shipping.storage.ts';
import { parcelOf, ShippingBench, twoParcelsOf } from './testing/shipping.bench.ts';

let bench: ShippingBench;
beforeAll(async () => {
  bench = await ShippingBench.start({
    SHIP_FROM_NAME: 'Long Store',
    SHIP_FROM_LINE: 'Quay 7',
    SHIP_FROM_CITY: '1011 Amsterdam',
    SHIP_FROM_COUNTRY: 'NL',
  });
}, 60_000);
afterAll(() => bench?.close());
afterEach(async () => {
  for (const carrier of bench.carriers.names) await bench.faults(carrier, {});
  // After every test the carriers' own books must agree with the shipments.
  await bench.when(async () => ((await broken()).length === 0 ? true : undefined));
  const { all } = bench.service.app.get(Carriers);
  await bench.when(() => (all.every((carrier) => carrier.isAvailable()) ? true : undefined));
}, 45_000);

const broken = () => shippingInvariants(bench.database.dataSource, bench.carriers.ledger());
const liveOf = (orderId: string) =>
  bench.carriers.ledger().filter((b) => b.operationId.startsWith(orderId) && isLive(b));
const route = (token: string | null, path: string, body?: object) =>
  fetch(`${bench.service.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

describe('a shipment', () => {
  it('is booked at the cheapest carrier, once, and says so each time it is asked', async () => {
    const { orderId, carrier } = await bench.booked();
    expect(carrier).toBe('heron');
    bench.send(BookShipment(parcelOf(orderId)));
    const [first, second] = await bench.until(orderId, 2);
    expect(second?.data).toEqual(first?.data);
    expect(liveOf(orderId)).toHaveLength(1);
  });

  it('goes to the next carrier when the best refuses for good', async () => {
    await bench.faults('heron', { refuseBookings: 1 });
    const { orderId, carrier } = await bench.booked();
    expect(carrier).toBe('swiftlet');
    expect(liveOf(orderId)).toHaveLength(1);
  });

  it('goes to the next carrier only after a doubtful booking was cancelled', async () => {
    await bench.faults('heron', { loseBookings: 1 });
    const { orderId, carrier } = await bench.booked();
    expect(carrier).toBe('swiftlet');
    const books = bench.carriers.ledger().filter((b) => b.operationId.startsWith(orderId));
    expect(books.map((b) => [b.carrier, b.status]).sort()).toEqual([
      ['heron', 'cancelled'],
      ['swiftlet', 'booked'],
    ]);
  });

  it('is told no long before a carrier that hangs answers, and nothing stays booked', async () => {
    await bench.booked();
    await bench.faults('heron', { latencyMs: 30_000 });
    const orderId = newId();
    bench.send(BookShipment(parcelOf(orderId)));
    const [answer] = await bench.until(orderId, 1);
    expect(answer?.data).toMatchObject({ reason: 'shipping_unavailable' });
    expect(liveOf(orderId)).toEqual([]);
  }, 20_000);

  it('avoids a carrier that is known to be down', async () => {
    await bench.faults('heron', { down: true });
    const heron = bench.service.app.get(Carriers).get('heron');
    await bench.when(async () => {
      const lost = newId();
      bench.send(BookShipment(parcelOf(lost)));
      await bench.until(lost, 1);
      return heron.isAvailable() ? undefined : true;
    });
    for (let n = 0; n < 5; n += 1) expect((await bench.booked()).carrier).toBe('swiftlet');
  }, 20_000);

  it('is rejected when no carrier answers at all', async () => {
    for (const name of bench.carriers.names) await bench.faults(name, { down: true });
    const orderId = newId();
    bench.send(BookShipment({ ...parcelOf(orderId), weightGrams: 15_000 }));
    const [answer] = await bench.until(orderId, 1);
    expect(answer?.data).toMatchObject({ reason: 'shipping_unavailable' });
  }, 20_000);

  it.each([
    ['too heavy for every carrier', { weightGrams: 1_000_001 }],
    ['too heavy for those that are quick', { weightGrams: 31_501, method: 'express' as const }],
  ])('that is %s is refused for good, at once', async (_, more) => {
    const orderId = newId();
    bench.send(BookShipment({ ...parcelOf(orderId), ...more }));
    const [answer] = await bench.until(orderId, 1);
    expect(answer?.data).toMatchObject({ reason: 'shipping_unavailable', final: true });
    bench.send(BookShipment({ ...parcelOf(orderId), ...more }));
    const [, again] = await bench.until(orderId, 2);
    expect(again?.data).toEqual(answer?.data);
  });

  it('is undone in every order of do, do again, undo and redriven do, without a live parcel', async () => {
    const orders = permutationsOf(['do', 'do again', 'undo', 'redriven do']).map((steps) => {
      const orderId = newId();
      for (const step of steps) {
        const message =
          step === 'undo' ? CancelShipment({ orderId }) : BookShipment(parcelOf(orderId));
        bench.send(message);
      }
      return orderId;
    });
    expect(orders).toHaveLength(24);
    for (const orderId of orders) {
      await bench.when(() => bench.publishedOf(orderId).find(({ type }) => /cancelled/.test(type)));
    }
    await bench.when(async () => ((await broken()).length === 0 ? true : undefined));
    expect(orders.flatMap(liveOf)).toEqual([]);
  }, 20_000);

  it('is cancelled later when its carrier is silent, although the order is answered at once', async () => {
    const { orderId, carrier } = await bench.booked();
    await bench.faults(carrier, { down: true });
    bench.send(CancelShipment({ orderId }));
    const [, answer] = await bench.until(orderId, 2);
    expect(answer?.data).toEqual({ orderId, state: 'cancel_pending' });
    await bench.faults(carrier, {});
    await bench.when(() => (liveOf(orderId).length === 0 ? true : undefined));
  }, 40_000);
});

describe('carriers that tell where a parcel is', () => {
  it.each([
    ['in order', {}],
    ['last first', { webhooksReversed: true }],
    ['three times each', { webhookCopies: 3 }],
  ])('%s move it on once, in the true order', async (_, faults) => {
    const { orderId, carrier, shipmentId } = await bench.booked();
    await bench.faults(carrier, faults);
    await bench.move(carrier, orderId, 'delivered');
    await bench.until(orderId, 4);
    expect(bench.movesOf(orderId)).toEqual(['picked_up', 'in_transit', 'delivered']);
    expect((await route('ada', `/api/v1/shipments/${shipmentId}/label.pdf`)).status).toBe(200);
  });

  it('come too late for a cancellation', async () => {
    const { orderId, carrier } = await bench.booked();
    await bench.move(carrier, orderId, 'picked_up');
    await bench.until(orderId, 2);
    bench.send(CancelShipment({ orderId }));
    const published = await bench.until(orderId, 3);
    expect(published.at(-1)?.data).toEqual({ orderId, state: 'too_late' });
  });

  it('tell what contradicts itself under one id: all is taken, and shown to operators', async () => {
    const { orderId, carrier, shipmentId } = await bench.booked();
    const { trackingNumber } = (await shipment(shipmentId)) as { trackingNumber: string };
    const at = new Date().toISOString();
    const tell = (status: Move, headers: Record<string, string> = {}) =>
      bench.webhook('one-id-for-all', { carrier, orderId, trackingNumber, status, at }, headers);
    const basic = { authorization: 'Basic YTpi' };
    expect(await tell('in_transit', basic)).toEqual([202, { fate: 'held' }]);
    expect(await unapplied()).toContain(orderId);
    expect(await tell('picked_up')).toEqual([202, { fate: 'applied' }]);
    expect(await unapplied()).not.toContain(orderId);
    expect(await tell('delivered', { authorization: 'Bearer x' })).toEqual([
      202,
      { fate: 'applied' },
    ]);
    expect(await tell('undeliverable')).toEqual([202, { fate: 'contradicts' }]);
    expect(await tell('undeliverable')).toEqual([202, { fate: 'known' }]);
    expect(bench.movesOf(orderId)).toEqual(['picked_up', 'in_transit', 'delivered']);
    expect(await unapplied()).toContain(orderId);
    expect(await shipment(shipmentId)).toMatchObject({
      status: 'delivered',
      facts: [
        { status: 'in_transit', fate: 'applied' },
        { status: 'picked_up', fate: 'applied' },
        { status: 'delivered', fate: 'applied' },
        { status: 'undeliverable', fate: 'contradicts' },
      ],
    });
  });

  it('are kept also when the shipment has left them for another carrier', async () => {
    await bench.faults('heron', { refuseBookings: 1 });
    const { orderId, shipmentId } = await bench.booked();
    const at = new Date().toISOString();
    const late = { carrier: 'heron', orderId, trackingNumber: 'HP0', status: 'picked_up' } as const;
    expect(await bench.webhook('late', { ...late, at })).toEqual([202, { fate: 'contradicts' }]);
    expect(await unapplied()).toContain(orderId);
    expect(await shipment(shipmentId)).toMatchObject({
      status: 'booked',
      carrier: 'swiftlet',
      tried: [{ carrier: 'heron', facts: [{ status: 'picked_up', at, fate: 'contradicts' }] }],
      facts: [],
    });
    const never = { ...late, carrier: 'oxcart', at };
    expect(await bench.webhook('never', never)).toMatchObject([404, { code: 'unknown_shipment' }]);
  });

  it('are shown to operators alone, page by page', async () => {
    for (let n = 0; n < 3; n += 1) {
      const { orderId, carrier, shipmentId } = await bench.booked();
      const { trackingNumber } = (await shipment(shipmentId)) as { trackingNumber: string };
      const fact = { carrier, orderId, trackingNumber, at: new Date().toISOString() };
      await bench.webhook(`evt-${n}`, { ...fact, status: 'delivered' });
    }
    const all = await unapplied(200);
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(await unapplied(1)).toEqual(all);
    const { shipmentId } = await bench.booked();
    for (const path of ['?state=unapplied', `/${shipmentId}`]) {
      expect((await route('ada', `/api/v1/shipments${path}`)).status).toBe(403);
      expect((await route(null, `/api/v1/shipments${path}`)).status).toBe(401);
    }
    expect((await route('ops', `/api/v1/shipments/${newId()}`)).status).toBe(404);
    expect((await route('ops', '/api/v1/shipments/nonsense')).status).toBe(400);
    expect((await route('ops', '/api/v1/shipments?state=lost')).status).toBe(400);
  });

  const shipment = async (id: string): Promise<unknown> =>
    (await route('ops', `/api/v1/shipments/${id}`)).json();

  /** The orders of all shipments with a fact that is not applied. */
  async function unapplied(limit = 50): Promise<string[]> {
    const found: string[] = [];
    let cursor = '';
    do {
      const query = `state=unapplied&limit=${limit}${cursor && `&cursor=${cursor}`}`;
      const answer = await route('ops', `/api/v1/shipments?${query}`);
      const page = (await answer.json()) as { items: { orderId: string }[]; nextCursor: string };
      found.push(...page.items.map(({ orderId }) => orderId));
      cursor = page.nextCursor ?? '';
    } while (cursor !== '');
    return found;
  }

  it('are not believed without a signature', async () => {
    const answer = await route(null, '/api/v1/carriers/heron/webhooks', { type: 'shipment.moved' });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'invalid_signature' });
    const unknown = await route(null, '/api/v1/carriers/nobody/webhooks', {});
    expect(unknown.status).toBe(404);
  });
});

describe('a label', () => {
  it('is for its owner and operators, and not there for anybody else', async () => {
    const { shipmentId } = await bench.booked();
    const path = `/api/v1/shipments/${shipmentId}/label.pdf`;
    for (const token of ['ada', 'ops']) {
      const answer = await route(token, path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
      const pdf = Buffer.from(await answer.arrayBuffer());
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      const sender = ['Long Store', 'Quay 7', '1011 Amsterdam', 'NL'];
      expect(textOfPdf(pdf).split('\n').join(' ')).toMatch(sender.join(' '));
    }
    expect((await route('grace', path)).status).toBe(404);
    expect((await route('ada', '/api/v1/shipments/nonsense/label.pdf')).status).toBe(404);
    expect((await route(null, path)).status).toBe(401);
  });

  it('exists for no parcel that was cancelled', async () => {
    const { orderId, shipmentId } = await bench.booked();
    bench.send(CancelShipment({ orderId }));
    await bench.until(orderId, 2);
    expect((await route('ada', `/api/v1/shipments/${shipmentId}/label.pdf`)).status).toBe(409);
  });
});

describe('quotes', () => {
  const body = {
    lines: [{ sku: 'LAPTOP-13', quantity: 2 }],
    shippingAddress: parcelOf(newId()).address,
  };
  const call = (data: object = body) => route('ada', '/api/v1/shipping/quotes', data);

  it('are a 503 while inventory does not say what things weigh', async () => {
    const answer = await call();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
  });

  describe('with inventory', () => {
    let stop: () => Promise<void>;
    beforeAll(async () => {
      const product = {
        sku: 'LAPTOP-13',
        name: 'Laptop',
        category: 'Computers',
        price: { amount: 99_900, currency: 'EUR' },
        weightGrams: 1_300,
        version: 1,
        available: 5,
      };
      stop = await bench.broker.respond(FindProducts as never, async (data) => ({
        products: (data as { skus: string[] }).skus.includes(product.sku) ? [product] : [],
      }));
    });
    afterAll(() => stop?.());

    interface Quoted {
      readonly quotes: readonly { carrier: string; method: string; cost: { amount: number } }[];
      readonly missing: readonly string[];
    }
    /** The answer once no other carrier than `late` was too busy to answer in time. */
    const quoted = (data: object, late: readonly string[] = []): Promise<Quoted> =>
      bench.when(async () => {
        const answer = await call(data);
        const found = (await answer.json()) as Quoted;
        return answer.status === 200 && found.missing.every((name) => late.includes(name))
          ? found
          : undefined;
      });

    it('come from every carrier, cheapest first', async () => {
      const { quotes } = await quoted(body);
      expect(quotes.map(({ carrier, method }) => `${carrier} ${method}`)).toEqual([
        'heron standard',
        'swiftlet standard',
        'oxcart standard',
        'swiftlet express',
        'heron express',
      ]);
      const amounts = quotes.map(({ cost }) => cost.amount);
      expect(amounts).toEqual(amounts.toSorted((a, b) => a - b));
    });

    it('name the carriers that did not answer in time', async () => {
      await bench.faults('oxcart', { latencyMs: 900 });
      const far = { ...body, shippingAddress: { ...body.shippingAddress, country: 'NZ' } };
      const { missing } = await quoted(far, ['oxcart']);
      expect(missing).toEqual(['oxcart']);
    });

    it('are refused for what inventory does not know, where no order goes, for two lines of one product, and for nonsense', async () => {
      const unknown = await call({ ...body, lines: [{ sku: 'NOTHING', quantity: 1 }] });
      expect([unknown.status, await unknown.json()]).toMatchObject([
        422,
        { code: 'unknown_sku', errors: [{ path: '/lines/0/sku' }] },
      ]);
      const twice = await call({ ...body, lines: [...body.lines, ...body.lines] });
      expect([twice.status, await twice.json()]).toMatchObject([
        422,
        { code: 'duplicate_sku', errors: [{ path: '/lines/1/sku' }] },
      ]);
      const nowhere = { ...body.shippingAddress, country: 'XX' };
      const far = await call({ ...body, shippingAddress: nowhere });
      expect([far.status, await far.json()]).toMatchObject([
        422,
        { code: 'unknown_country', errors: [{ path: '/shippingAddress/country' }] },
      ]);
      expect((await call({ ...body, extra: 1 })).status).toBe(400);
      expect((await call({ ...body, lines: [] })).status).toBe(400);
    });
  });
});

it('has the tables that its entities are', async () => {
  expect(await schemaChanges(bench.database.dataSource)).toEqual([]);
});

describe('the table of shipments', () => {
  it('keeps every row on the way to the release before and back', async () => {
    const hot = [
      new HotShipments1795960000003(),
      new Parcels1796300000003(),
      new ReturnedParcels1796500000005(),
    ];
    const { before, down, up } = await downAndUp(bench.database, shippingStorage, hot);
    const rows = before['shipments'] as { parcel?: unknown }[];
    expect(rows.length).toBeGreaterThan(0);
    expect(down).toEqual({ ...before, shipments: rows.map(({ parcel: _, ...row }) => row) });
    expect(up).toEqual(before);
    expect(await schemaChanges(bench.database.dataSource)).toEqual([]);
  });

  it('has no index of what the moves of a parcel change', async () => {
    expect(await columnsInIndexes(bench.database, 'shipments')).toEqual([
      'carrier',
      'has_unapplied_facts',
      'id',
      'order_id',
      'tracking_number',
    ]);
  });
});

// Last, because the release before keeps no parcels.
describe('an order with two parcels', () => {
  type Booked = { readonly shipmentId: string; readonly carrier: string };
  const parcels = 2;
  const carriersOf = (orderId: string) =>
    liveOf(orderId)
      .map(({ carrier }) => carrier)
      .sort();

  async function bookedTwice(): Promise<{ orderId: string; shipments: readonly Booked[] }> {
    const orderId = newId();
    bench.send(BookShipment(twoParcelsOf(orderId)));
    const [answer] = await bench.until(orderId, 1);
    expect(answer?.type).toBe(ShipmentBooked.type);
    const { others = [], ...first } = (answer as Envelope).data as Booked & {
      others?: readonly Booked[];
    };
    return { orderId, shipments: [first, ...others] };
  }

  it('has one at each carrier that is best for it, with a label and a state of its own', async () => {
    const { orderId, shipments } = await bookedTwice();
    expect(carriersOf(orderId)).toEqual(shipments.map(({ carrier }) => carrier).sort());
    for (const [i, { shipmentId }] of shipments.entries()) {
      const label = await route('ada', `/api/v1/shipments/${shipmentId}/label.pdf`);
      expect(label.status).toBe(200);
      const shown = await (await route('ops', `/api/v1/shipments/${shipmentId}`)).json();
      expect(shown).toMatchObject({ orderId, parcel: { number: i + 1, of: 2 } });
    }
    await bench.move(shipments[1]?.carrier ?? '', orderId, 'picked_up', '/2');
    await bench.when(() => (bench.movesOf(orderId).length > 0 ? true : undefined));
    const [, moved] = bench.publishedOf(orderId);
    expect(moved?.data).toMatchObject({ shipmentId: shipments[1]?.shipmentId });
    bench.send(StopShipment({ orderId, parcels }));
    const [, , answer] = await bench.until(orderId, 3);
    expect(answer?.type).toBe('shipping.shipment-not-stopped');
    expect(liveOf(orderId)).toHaveLength(2);
  });

  it.each([
    ['undone', CancelShipment, 'shipping.shipment-cancelled'],
    ['stopped', StopShipment, 'shipping.shipment-stopped'],
  ])('is %s as a whole', async (_, command, reply) => {
    const { orderId } = await bookedTwice();
    bench.send(command({ orderId, parcels }));
    const [, answer] = await bench.until(orderId, 2);
    expect(answer?.type).toBe(reply);
    expect(liveOf(orderId)).toEqual([]);
  });

  it('has none when no carrier takes one of them', async () => {
    for (const name of ['swiftlet', 'oxcart']) await bench.faults(name, { refuseBookings: 1 });
    const orderId = newId();
    bench.send(BookShipment(twoParcelsOf(orderId)));
    const [answer] = await bench.until(orderId, 1);
    expect(answer?.data).toMatchObject({ reason: 'shipping_unavailable' });
    await bench.when(() => (liveOf(orderId).length === 0 ? true : undefined));
  });

  it('books the parcel again that was stopped when the other had left', async () => {
    const { orderId, shipments } = await bookedTwice();
    await bench.withoutWebhooks(() =>
      bench.move(shipments[1]?.carrier ?? '', orderId, 'picked_up', '/2'),
    );
    bench.send(StopShipment({ orderId, parcels }));
    const types = await bench.when(() => {
      const found = bench.publishedOf(orderId).map(({ type }) => type);
      return found.includes('shipping.shipment-rebooked') ? found : undefined;
    });
    expect(types).toContain('shipping.shipment-not-stopped');
    expect(liveOf(orderId)).toHaveLength(2);
  });

  it('has no live parcel after any order of do, do again, undo and redriven do', async () => {
    const orders = permutationsOf(['do', 'do again', 'undo', 'redriven do']).map((steps) => {
      const orderId = newId();
      for (const step of steps) {
        bench.send(
          step === 'undo'
            ? CancelShipment({ orderId, parcels })
            : BookShipment(twoParcelsOf(orderId)),
        );
      }
      return orderId;
    });
    for (const orderId of orders) {
      await bench.when(() => bench.publishedOf(orderId).find(({ type }) => /cancelled/.test(type)));
    }
    await bench.when(async () => ((await broken()).length === 0 ? true : undefined));
    expect(orders.flatMap(liveOf)).toEqual([]);
  });
});
