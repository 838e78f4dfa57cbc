import {
  type Delivery,
  type DeliveryColumn,
  type RefusedLine,
  readDelivery,
} from '../domain/delivery-line.ts';
import { type FileLine, fileLines, longestLine } from './file-lines.ts';
import { lineCells } from './line-cells.ts';

/** Lines that are taken in together. */
export interface ImportPart {
  readonly lines: readonly (Delivery | RefusedLine)[];
  /** Where the next line begins, and the number of the line before. */
  readonly end: number;
  readonly line: number;
}

/** How many lines are taken in together: orders wait for as long as that takes. */
const atOnce = 500;

/** The parts of a file from a line on, whose pieces begin there. */
export async function* importParts(
  pieces: AsyncIterable<Buffer>,
  from: { readonly position: number; readonly line: number },
  columns: readonly DeliveryColumn[],
): AsyncGenerator<ImportPart> {
  let { position: end, line } = from;
  let lines: (Delivery | RefusedLine)[] = [];
  let read = 0;
  for await (const found of fileLines(pieces, from.position)) {
    for (const each of found) {
      line += 1;
      end = each.end;
      read += 1;
      if (each.bytes?.length !== 0) lines.push(readLine(line, each, columns));
      if (read < atOnce) continue;
      yield { lines, end, line };
      lines = [];
      read = 0;
    }
  }
  if (read > 0) yield { lines, end, line };
}

function readLine(
  line: number,
  { bytes }: FileLine,
  columns: readonly DeliveryColumn[],
): Delivery | RefusedLine {
  const refused = (rule: string) => ({ line, reference: null, field: null, rule });
  if (!bytes) return refused(`the line is longer than ${longestLine} bytes`);
  const cells = lineCells(bytes);
  return 'rule' in cells ? refused(cells.rule) : readDelivery(line, cells, columns);
}
