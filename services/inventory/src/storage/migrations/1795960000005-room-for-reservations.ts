import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Reservations made in one batch are committed in one batch: their pages have room for the next version of each row, and
 * committed rows soon leave the index of reservations to review. See docs/decisions/0016.
 */
export class RoomForReservations1795960000005 implements MigrationInterface {
  readonly name = 'RoomForReservations1795960000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE reservations SET (fillfactor = 45,
      autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)`);
    // Freezes append-only rows while their pages are still in memory, instead of a fifth of the table at once.
    await runner.query(`ALTER TABLE stock_movements SET (
      autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE stock_movements RESET (
      autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold)`);
    await runner.query('ALTER TABLE reservations SET (fillfactor = 80)');
    await runner.query(
      'ALTER TABLE reservations RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)',
    );
  }
}
