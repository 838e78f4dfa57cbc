import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploaded pictures, their sizes, and which product has which. */
export class Images1796803000002 implements MigrationInterface {
  readonly name = 'Images1796803000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE images (
        reference text COLLATE "C" PRIMARY KEY,
        sizes jsonb NOT NULL,
        failure text,
        at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE product_images (
        sku text COLLATE "C" PRIMARY KEY,
        image text COLLATE "C" NOT NULL,
        uploaded_at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE product_images, images');
  }
}
