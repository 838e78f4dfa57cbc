import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Catalogue, stock, reservations, restocks, replenishments and the append-only table of movements. */
export class Inventory1763700000001 implements MigrationInterface {
  readonly name = 'Inventory1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE products (
        sku text COLLATE "C" PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL,
        category text NOT NULL,
        image_url text NOT NULL,
        price_amount bigint NOT NULL CHECK (price_amount BETWEEN 1 AND 1000000000),
        currency text NOT NULL,
        weight_grams integer NOT NULL CHECK (weight_grams >= 0),
        revision integer NOT NULL,
        updated_at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
    await runner.query('CREATE INDEX products_by_category ON products (category, sku)');
    await runner.query(`
      CREATE TABLE stock (
        sku text COLLATE "C" PRIMARY KEY,
        received bigint NOT NULL CHECK (received >= 0),
        returned bigint NOT NULL CHECK (returned >= 0),
        available bigint NOT NULL CHECK (available >= 0),
        reserved bigint NOT NULL CHECK (reserved >= 0),
        sold bigint NOT NULL CHECK (sold >= 0),
        threshold integer NOT NULL CHECK (threshold >= 0),
        warehouses jsonb NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT stock_adds_up CHECK (received + returned = available + reserved + sold)
      ) WITH (fillfactor = 50)`);
    await runner.query(`
      CREATE TABLE reservations (
        order_id uuid PRIMARY KEY,
        lines jsonb NOT NULL,
        status text NOT NULL
          CHECK (status IN ('reserved', 'rejected', 'released', 'committed', 'undone')),
        short jsonb NOT NULL,
        reserved_at timestamptz NOT NULL,
        review_at timestamptz CHECK ((review_at IS NOT NULL) = (status = 'reserved')),
        reviews integer NOT NULL,
        version bigint NOT NULL
      ) WITH (fillfactor = 80)`);
    await runner.query(
      'CREATE INDEX reservations_to_review ON reservations (review_at) WHERE review_at IS NOT NULL',
    );
    await runner.query(`
      CREATE TABLE restocks (
        request_id uuid PRIMARY KEY,
        sku text COLLATE "C" NOT NULL,
        quantity integer NOT NULL CHECK (quantity > 0),
        warehouse text NOT NULL,
        available bigint NOT NULL,
        at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE replenishments (
        sku text COLLATE "C" PRIMARY KEY,
        status text NOT NULL CHECK (status IN ('idle', 'requested')),
        demand bigint NOT NULL CHECK (demand >= 0),
        quantity integer,
        request_id uuid,
        requested_at timestamptz,
        restocked_at timestamptz,
        version bigint NOT NULL
      ) WITH (fillfactor = 50)`);
    // The reference of an order's movement is the order id: one movement of each kind per order and product.
    await runner.query(`
      CREATE TABLE stock_movements (
        sku text COLLATE "C" NOT NULL,
        kind text NOT NULL CHECK (kind IN ('received', 'reserved', 'released', 'sold')),
        quantity integer NOT NULL CHECK (quantity > 0),
        reference uuid NOT NULL,
        warehouse text,
        at timestamptz NOT NULL,
        PRIMARY KEY (sku, reference, kind)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'stock_movements',
      'replenishments',
      'restocks',
      'reservations',
      'stock',
      'products',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
