import type { DataSource } from 'typeorm';

/** Where TypeORM reads the expressions of generated columns, which it cannot compare as PostgreSQL returns them. */
const metadata =
  'typeorm_metadata (type text, database text, schema text, "table" text, name text, value text)';

/**
 * What TypeORM's schema builder would change in a migrated database to match the entities; empty if they agree. It
 * compares columns (name, type, null, default, collation, unique, whether generated) and primary keys. Indexes, checks,
 * the expressions of generated columns and storage parameters are defined only by the migrations.
 */
export async function schemaChanges(dataSource: DataSource): Promise<string[]> {
  await dataSource.query(`create table ${metadata}`);
  try {
    for (const { entityMetadata, databaseName, asExpression } of generatedColumns(dataSource)) {
      await dataSource.query(
        `insert into typeorm_metadata values ('GENERATED_COLUMN', current_database(), current_schema(), $1, $2, $3)`,
        [entityMetadata.tableName, databaseName, asExpression],
      );
    }
    // Tables of the libraries are never synchronized, but they are compared here, too.
    for (const entity of dataSource.entityMetadatas) entity.synchronize = true;
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query).filter((query) => !ofMigrations.test(query));
  } finally {
    await dataSource.query('drop table typeorm_metadata');
  }
}

const generatedColumns = ({ entityMetadatas }: DataSource) =>
  entityMetadatas.flatMap(({ columns }) => columns.filter(({ generatedType }) => generatedType));

const ofMigrations = /^DROP INDEX|DROP CONSTRAINT "(?!\w+_pkey")/;
