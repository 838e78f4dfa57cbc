import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CommitStock, newId, ReleaseStock, ReserveStock, StockLow } from '@waybill/contracts';
import { PgStore } from '@waybill/persistence';
import { downAndUp, schemaChanges, type TestDatabase, testDatabase } from '@waybill/testing';
import { ChangeProduct, TakeGoodsIn, WithdrawProduct } from '../messages/inventory.local.ts';
import { publishedStock } from '../messages/published-stock.ts';
import { catalogueSeed } from '../seed/catalogue.ts';
import { seedCatalogue } from '../seed/seed-catalogue.ts';
import { InventoryBench } from '../testing/inventory.bench.ts';
import { CatalogueRepository } from './catalogue.repository.ts';
import { ProductEntity, StockEntity } from './inventory.entities.ts';
import { inventoryInvariants } from './inventory.invariants.ts';
import { inventoryStorage } from './inventory.storage.ts';
import { RoomForReservations1795960000005 } from './migrations/1795960000005-room-for-reservations.ts';
import { StockRepository } from './stock.repository.ts';

let database: TestDatabase;
let bench: InventoryBench;

const onDatabase = async (): Promise<InventoryBench> => {
  const made = new InventoryBench({}, { store: new PgStore(database.pool, database.tables) });
  // Inbox partitions exist only around the database's current time.
  made.clock.advance(Date.now() - made.clock.now().getTime());
  return made.start();
};

beforeAll(async () => {
  database = await testDatabase(inventoryStorage);
}, 60_000);
beforeEach(async () => {
  await database.pool.query(
    'truncate products, stock, reservations, restocks, replenishments, stock_movements',
  );
  bench = await onDatabase();
});
afterAll(() => database?.close());

const orderOf = (...skus: string[]) => ({
  orderId: newId(),
  lines: skus.map((sku) => ({ sku, quantity: 1 })),
});
const catalogueOf = ({ dataSource }: TestDatabase) =>
  new CatalogueRepository(
    dataSource.getRepository(ProductEntity),
    dataSource.getRepository(StockEntity),
  );
const stockOf = async (sku: string) => {
  const found = await new StockRepository(database.dataSource).find(sku);
  return [found?.available, found?.reserved, found?.sold];
};

describe('what was told of products, and may be lost', () => {
  const told = async (since: Date) => {
    const found: unknown[][] = [];
    for await (const { message } of publishedStock({ dataSource: database.dataSource, since })) {
      found.push([message.contract.type, (message.data as { sku: string }).sku]);
    }
    return found.sort();
  };

  it('is told as it is now, as long as it is recent, and nobody has taken it up', async () => {
    await bench.seed('MUG', 4, 3);
    await bench.seed('KETTLE', 9, 3);
    bench.command(ReserveStock(orderOf('MUG')), newId());
    await bench.settled();
    const [low] = bench.published().filter(({ type }) => type === 'inventory.stock-low');

    expect(await told(new Date(0))).toEqual([
      ['inventory.product-changed', 'KETTLE'],
      ['inventory.product-changed', 'MUG'],
      ['inventory.stock-low', 'MUG'],
    ]);
    bench.deliver(StockLow(low?.data as never), { group: 'inventory.restock', id: newId() });
    await bench.settled();
    expect((await told(new Date(0))).map(([type]) => type)).not.toContain('inventory.stock-low');
    bench.clock.advance(1);
    const restock = { requestId: newId(), sku: 'MUG', quantity: 9, warehouse: 'MAIN' };
    await bench.submitted(TakeGoodsIn(restock));
    expect(await told(new Date(0))).toContainEqual(['inventory.product-restocked', 'MUG']);
    expect(await told(new Date(Date.now() + 3_600_000))).toEqual([]);
  });
});

describe('stock in the database', () => {
  it('is never oversold by two owners of partitions at once', async () => {
    await bench.seed('MUG', 40);
    await bench.seed('KETTLE', 60);
    const other = await onDatabase();
    // Each took all partitions when it started; a real broker assigns each its own.
    await bench.listenerOf('inventory').assigned([1]);
    await other.listenerOf('inventory').assigned([0]);

    const orders = Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0 ? orderOf('MUG', 'KETTLE') : orderOf('KETTLE', 'MUG'),
    );
    orders.forEach((order, i) => {
      const partition = i % 2;
      const owner = partition === 0 ? other : bench;
      owner.deliver(ReserveStock(order), { group: 'inventory', partition, id: newId() });
    });
    await Promise.all([bench.settled(), other.settled()]);

    expect(await stockOf('MUG')).toEqual([0, 40, 0]);
    expect(await stockOf('KETTLE')).toEqual([20, 40, 0]);
    expect(await inventoryInvariants(database.dataSource)).toEqual([]);
  });

  it('adds up after orders that were reserved, released, committed and repeated', async () => {
    await bench.seed('MUG', 50);
    const orders = Array.from({ length: 30 }, () => orderOf('MUG'));
    for (const order of orders) bench.command(ReserveStock(order), newId());
    await bench.settled();
    orders.forEach((order, i) => {
      const message = [CommitStock, ReleaseStock, ReserveStock][i % 3]?.(order);
      if (!message) return;
      const id = newId();
      bench.command(message, id);
      bench.command(message, id);
      bench.command(message, newId());
    });
    await bench.settled();

    expect(await stockOf('MUG')).toEqual([30, 10, 10]);
    expect(await inventoryInvariants(database.dataSource)).toEqual([]);
  });

  it('shows its warehouses and its newest movements first', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG');
    bench.command(ReserveStock(order), newId());
    await bench.settled();

    const found = await new StockRepository(database.dataSource).find('MUG');

    expect(found).toMatchObject({
      onHand: 5,
      available: 4,
      reserved: 1,
      sold: 0,
      warehouses: [{ code: 'MAIN', onHand: 5 }],
      replenishment: null,
    });
    expect(found?.movements.map(({ kind, orderId }) => [kind, orderId])).toContainEqual([
      'reserved',
      order.orderId,
    ]);
    expect(await new StockRepository(database.dataSource).find('NONE')).toBeUndefined();
  });

  it('is shown with the movements that made it, also while it changes', async () => {
    await bench.seed('MUG', 40);
    const views = new StockRepository(database.dataSource);
    const sell = async (): Promise<void> => {
      for (let n = 0; n < 40; n += 1) {
        bench.command(ReserveStock(orderOf('MUG')), newId());
        await bench.settled();
      }
    };
    const seen: (readonly [reserved: number | undefined, moved: number | undefined])[] = [];
    const look = async (): Promise<void> => {
      for (let n = 0; n < 100; n += 1) {
        const found = await views.find('MUG');
        const moved = found?.movements.filter(({ kind }) => kind === 'reserved');
        seen.push([found?.reserved, moved?.length]);
      }
    };

    await Promise.all([sell(), look(), look(), look()]);

    expect(seen.filter(([reserved, moved]) => reserved !== moved)).toEqual([]);
    expect(await stockOf('MUG')).toEqual([0, 40, 0]);
  });

  it('finds reservations when they are overdue, and not before', async () => {
    await bench.seed('MUG', 5);
    const order = orderOf('MUG');
    const settled = orderOf('MUG');
    bench.command(ReserveStock(order), newId());
    bench.command(ReserveStock(settled), newId());
    bench.command(CommitStock(settled), newId());
    await bench.settled();
    const repository = new StockRepository(database.dataSource);
    const minutes = (n: number) => new Date(bench.clock.now().getTime() + n * 60_000);

    expect(await repository.overdue(minutes(19), 10)).toEqual([]);
    expect(await repository.overdue(minutes(20), 10)).toEqual([order.orderId]);
  });

  it('is guarded by the database when a program is wrong', async () => {
    await bench.seed('MUG', 5);
    const update = (set: string) => database.pool.query(`update stock set ${set}`);

    await expect(update('available = -1, sold = 6')).rejects.toMatchObject({ code: '23514' });
    await expect(update('sold = 1')).rejects.toMatchObject({ constraint: 'stock_adds_up' });
    await expect(update('reserved = -1, available = 6')).rejects.toMatchObject({ code: '23514' });
  });
});

describe('the invariants', () => {
  const breaks: [string, string][] = [
    ['update stock set available = 4, reserved = 1', 'reserved is not the sum'],
    ['update stock set available = 4, sold = 1', 'sold is not the sum'],
    ['delete from stock_movements', 'the movements do not add up'],
    ['delete from restocks', 'goods that came in are not the restocks'],
    ["update stock set warehouses = '[]'", 'the warehouses do not hold'],
    [
      `insert into reservations values ('019a0000-0000-7000-8000-000000000001', '[{"sku":"GONE","quantity":1}]', 'committed', '[]', now(), null, 0, 1)`,
      'such as GONE',
    ],
  ];

  it.each(breaks)('notice: %s', async (sql, sentence) => {
    await bench.seed('MUG', 5);
    expect(await inventoryInvariants(database.dataSource)).toEqual([]);

    await database.pool.query(sql);

    expect((await inventoryInvariants(database.dataSource)).join('\n')).toContain(sentence);
  });
});

describe('the catalogue in the database', () => {
  const seed = () =>
    seedCatalogue({
      dataSource: database.dataSource,
      submit: (message) => bench.consumer.submit(message),
    });
  const list = async (filter: object) => {
    const found = await catalogueOf(database).list({ limit: 200, ...filter });
    return found.map(({ view }) => view);
  };

  it('is seeded once, and a product that was changed stays changed', async () => {
    await seed();
    expect(await list({})).toHaveLength(catalogueSeed.length);
    expect(bench.published()).toHaveLength(2 * catalogueSeed.length - 1);
    const laptop = (await list({ search: 'feather 13' }))[0];
    const { available, ...details } = laptop ?? { available: 0 };
    await bench.consumer.submit(ChangeProduct({ ...details, name: 'Renamed' } as never));
    bench.published();
    await seed();

    expect(bench.published()).toEqual([]);
    expect(available).toBe(1_000_000);
    expect((await list({ search: 'renamed' })).map(({ sku }) => sku)).toEqual(['LAPTOP-13']);
    expect(await inventoryInvariants(database.dataSource)).toEqual([]);
  });

  it('is read in pages, by category and by words, which are taken literally', async () => {
    await seed();
    const all = (await list({})).map(({ sku }) => sku);

    expect(all).toEqual([...all].sort());
    expect((await list({ limit: 3 })).map(({ sku }) => sku)).toEqual(all.slice(0, 3));
    expect((await list({ after: [0, all[2]], limit: 2 })).map(({ sku }) => sku)).toEqual(
      all.slice(3, 5),
    );
    expect(new Set((await list({ category: 'Audio' })).map(({ category }) => category))).toEqual(
      new Set(['Audio']),
    );
    expect(await list({ search: '%' })).toEqual([]);
    expect(await list({ search: "' OR 1=1 --" })).toEqual([]);
    expect((await list({ search: '100 w' })).map(({ sku }) => sku)).toEqual(['CABLE-USBC']);
  });

  it('finds words in other forms, beginnings of the last word and SKUs, the best match first', async () => {
    await seed();
    const skus = async (search: string) => (await list({ search })).map(({ sku }) => sku);

    expect((await skus('headphone'))[0]).toBe('HEADPHONES-NC');
    expect(await skus('lapt')).toEqual(await skus('laptops'));
    expect(await skus('BOOK-SAGAS')).toEqual(['BOOK-SAGAS']);
    expect(await skus('undo everything')).toEqual(['BOOK-SAGAS', 'BOOK-SIGNED']);
    expect(await skus('undo -signed')).toEqual(['BOOK-SAGAS']);
    expect(await skus('signed OR stoneware')).toEqual(
      expect.arrayContaining(['MUG', 'BOOK-SIGNED']),
    );
    for (const nothing of ['the', '()', '&|!', ':*', '"', "a'b\\", '-', 'mug:A']) {
      expect(Array.isArray(await skus(nothing))).toBe(true);
    }
  });

  it('continues a search where the page before ended, although ranks are equal', async () => {
    await seed();
    const whole = await catalogueOf(database).list({ search: 'usb', limit: 200 });
    const pages: string[] = [];
    for (let after = undefined as (typeof whole)[0]['place'] | undefined; ; ) {
      const [found] = await catalogueOf(database).list({ search: 'usb', after, limit: 1 });
      if (!found) break;
      pages.push(found.view.sku);
      after = found.place;
    }
    expect(pages.length).toBeGreaterThan(2);
    expect(pages).toEqual(whole.map(({ view }) => view.sku));
  });

  it('has categories with the number of their products, without those that are withdrawn', async () => {
    await seed();
    const before = await catalogueOf(database).categories(undefined, 50);
    expect(before.map(({ name }) => name)).toEqual([
      'Accessories',
      'Audio',
      'Books',
      'Computers',
      'Home',
      'Outdoor',
    ]);
    for (const { sku, category } of catalogueSeed) {
      if (category === 'Books') await bench.consumer.submit(WithdrawProduct({ sku }));
    }
    const after = await catalogueOf(database).categories('Audio', 2);
    expect(after).toEqual(before.filter(({ name }) => ['Computers', 'Home'].includes(name)));
    expect(await list({ category: 'Books' })).toEqual([]);
    expect(await list({ search: 'undo' })).toEqual([]);
    expect(await catalogueOf(database).find('BOOK-SAGAS')).toBeUndefined();
    expect(await catalogueOf(database).findAll(['BOOK-SAGAS'])).toEqual([]);
    expect((await catalogueOf(database).availableOf(['BOOK-SAGAS'])).size).toBe(0);
  });

  it('finds the products that another service asks for', async () => {
    await seed();
    const found = await catalogueOf(database).findAll(['TURNTABLE', 'BOOK-SIGNED', 'NONE']);

    expect(found.map(({ view, revision }) => [view.sku, view.available, revision]).sort()).toEqual([
      ['BOOK-SIGNED', 0, 1],
      ['TURNTABLE', 3, 1],
    ]);
  });
});

it('has the tables that its entities are', async () => {
  expect(await schemaChanges(database.dataSource)).toEqual([]);
});

it('keeps every row on the way to the release before and back', async () => {
  const { before, down, up } = await downAndUp(database, inventoryStorage, [
    new RoomForReservations1795960000005(),
  ]);
  expect(down).toEqual(before);
  expect(up).toEqual(before);
});
