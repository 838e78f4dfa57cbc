import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import { Problem, type StreamedBody } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { type DeliveryColumn, readHeader } from '../domain/delivery-line.ts';
import type { StockImport } from '../domain/stock-import.ts';
import { StockImportRepository } from '../storage/stock-import.repository.ts';
import { longestLine } from './file-lines.ts';
import { lineCells } from './line-cells.ts';

/** Bytes of a stored piece, which is the most that is held of a file. */
const pieceSize = 1_024 * 1_024;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Stores files of deliveries as they arrive. A file is imported once all of it is stored. */
@Injectable()
export class ImportIntake {
  constructor(
    private readonly imports: StockImportRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Rejects with 422 for a file whose header is wrong, before the rest of it is read. */
  async receive(body: StreamedBody, requestedBy: string): Promise<StockImport> {
    const id = newId(this.clock.now());
    try {
      return await this.imports.begin(await this.stored(id, body, requestedBy));
    } catch (error) {
      await this.imports.forget(id);
      throw error;
    }
  }

  private async stored(id: string, body: StreamedBody, requestedBy: string): Promise<StockImport> {
    const digest = createHash('sha256');
    let header: ReturnType<typeof headerOf> | undefined;
    let size = 0;
    for await (const piece of piecesOf(body)) {
      header ??= headerOf(piece);
      digest.update(piece);
      await this.imports.addPiece(id, size, piece, this.clock.now());
      size += piece.length;
    }
    const { columns, end } = header ?? headerOf(Buffer.alloc(0));
    const startedAt = this.clock.now().toISOString();
    return {
      id,
      digest: digest.digest('hex'),
      size,
      columns,
      position: end,
      line: 1,
      received: 0,
      alreadyReceived: 0,
      refused: 0,
      requestedBy,
      startedAt,
      finishedAt: end === size ? startedAt : null,
    };
  }
}

async function* piecesOf(body: StreamedBody): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (bytes < pieceSize) continue;
    yield Buffer.concat(parts);
    parts = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(parts);
}

/** The columns of the file, and where its first line begins. */
function headerOf(file: Buffer): { columns: readonly DeliveryColumn[]; end: number } {
  const start = file.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  const lineFeed = file.subarray(0, longestLine).indexOf('\n');
  const end = lineFeed < 0 ? file.length : lineFeed + 1;
  const line = file.subarray(start, end);
  if (line.length > longestLine) throw badHeader(`is longer than ${longestLine} bytes`);
  const cells = lineCells(Buffer.from(line.toString().trimEnd()));
  if ('rule' in cells) throw badHeader('breaks RFC 4180');
  const columns = readHeader(cells);
  if ('rule' in columns) throw badHeader(columns.rule);
  return { columns, end };
}

const badHeader = (rule: string): Problem =>
  new Problem(422, 'invalid_header', `the header line ${rule}`, {
    errors: [{ path: '/1', message: rule }],
  });
