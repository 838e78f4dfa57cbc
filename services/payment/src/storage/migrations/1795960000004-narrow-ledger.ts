import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The unique index of the ledger contains only the part of the operation id after the order id, which every entry had twice;
 * pages of payments have room for the next version of each row. See docs/decisions/0016.
 */
export class NarrowLedger1795960000004 implements MigrationInterface {
  readonly name = 'NarrowLedger1795960000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE UNIQUE INDEX ledger_entries_once ON ledger_entries (order_id, substr(operation_id, 38), kind, account)`,
    );
    await runner.query('ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_pkey');
    await runner.query('ALTER TABLE payments SET (fillfactor = 45)');
    // Freezes append-only rows while their pages are still in memory, instead of a fifth of the table at once.
    for (const table of ['ledger_entries', 'provider_calls']) {
      await runner.query(`ALTER TABLE ${table} SET (
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000)`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['ledger_entries', 'provider_calls']) {
      await runner.query(`ALTER TABLE ${table} RESET (
        autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold)`);
    }
    await runner.query('ALTER TABLE payments SET (fillfactor = 70)');
    await runner.query(
      'ALTER TABLE ledger_entries ADD PRIMARY KEY (order_id, operation_id, kind, account)',
    );
    await runner.query('DROP INDEX ledger_entries_once');
  }
}
