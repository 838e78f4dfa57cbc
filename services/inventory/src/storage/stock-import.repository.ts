import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { StockImport } from '../domain/stock-import.ts';
import { ImportPageEntity, StockImportEntity } from './import.entities.ts';

const pagesAtOnce = 20;

/** Files of deliveries: their bytes until they are taken in, how far they are, and the reports on their lines. */
@Injectable()
export class StockImportRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Stores the bytes of a file that begin at `start`. */
  async addPiece(importId: string, start: number, bytes: Buffer, at: Date): Promise<void> {
    await this.dataSource.query(
      'insert into stock_import_pieces (import_id, start, bytes, at) values ($1, $2, $3, $4)',
      [importId, start, bytes, at],
    );
  }

  /** Begins an import whose bytes are stored. While the same file is being imported, that import is returned instead. */
  async begin(wanted: StockImport): Promise<StockImport> {
    for (;;) {
      const { raw } = await this.dataSource
        .createQueryBuilder()
        .insert()
        .into(StockImportEntity)
        .values({ ...wanted, version: 1 } as object)
        .orIgnore()
        .returning('id')
        .execute();
      if (raw.length > 0) return wanted;
      const running = await this.dataSource
        .getRepository(StockImportEntity)
        .createQueryBuilder('import')
        .where('import.digest = :digest and import.finishedAt is null', wanted)
        .getOne();
      if (running) {
        await this.forget(wanted.id);
        return running;
      }
    }
  }

  async find(id: string): Promise<StockImport | undefined> {
    return (await this.dataSource.manager.findOneBy(StockImportEntity, { id })) ?? undefined;
  }

  /** The import that has waited longest. */
  async oldestOpen(): Promise<StockImport | undefined> {
    const found = await this.dataSource
      .getRepository(StockImportEntity)
      .createQueryBuilder('import')
      .where('import.finishedAt is null')
      .orderBy('import.startedAt')
      .getOne();
    return found ?? undefined;
  }

  /** The bytes of a file from a position on, a piece at a time. */
  async *bytesFrom(importId: string, position: number): AsyncGenerator<Buffer> {
    for (let next = position; ; ) {
      const [piece]: { start: string; bytes: Buffer }[] = await this.dataSource.query(
        `select start, bytes from stock_import_pieces where import_id = $1 and start <= $2
        order by start desc limit 1`,
        [importId, next],
      );
      const bytes = piece?.bytes.subarray(next - Number(piece.start));
      if (!bytes?.length) return;
      yield bytes;
      next += bytes.length;
    }
  }

  /** The report on the lines that were taken in, a page at a time. */
  async *report(importId: string): AsyncGenerator<string> {
    for (let after = 0; ; ) {
      const pages = await this.dataSource
        .getRepository(ImportPageEntity)
        .createQueryBuilder('page')
        .where('page.importId = :importId and page.line > :after', { importId, after })
        .orderBy('page.line')
        .limit(pagesAtOnce)
        .getMany();
      yield* pages.map(({ report }) => report);
      const last = pages.at(-1);
      if (!last) return;
      after = last.line;
    }
  }

  /** Deletes the bytes of a file. */
  async forget(importId: string): Promise<void> {
    await this.dataSource.query('delete from stock_import_pieces where import_id = $1', [importId]);
  }
}
