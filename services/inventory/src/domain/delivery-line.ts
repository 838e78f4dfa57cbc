import { sku, warehouseCode } from '@waybill/contracts';

/** The columns of a file of deliveries, in any order. */
export const deliveryColumns = ['reference', 'sku', 'warehouse', 'quantity'] as const;
export type DeliveryColumn = (typeof deliveryColumns)[number];

/** Goods that another system received: a line of its file. */
export interface Delivery {
  /** The number of the line in the file; the header is line 1. */
  readonly line: number;
  readonly reference: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly quantity: number;
}

/** A line that cannot be received, and the rule that it breaks. */
export interface RefusedLine {
  readonly line: number;
  readonly reference: string | null;
  readonly field: DeliveryColumn | null;
  readonly rule: string;
}

export const isRefused = (line: Delivery | RefusedLine): line is RefusedLine => 'rule' in line;

/** The most units of one delivery. */
export const mostUnits = 1_000_000;

const aReference = /^[^\p{C}]{1,100}$/u;
const aNumber = /^\d{1,7}$/;

interface Rule {
  readonly field: DeliveryColumn;
  readonly accepts: (value: string) => boolean;
  readonly rule: string;
}

const rules: readonly Rule[] = [
  {
    field: 'reference',
    accepts: (value) => aReference.test(value),
    rule: 'is 1 to 100 characters without control characters',
  },
  {
    field: 'sku',
    accepts: (value) => sku.safeParse(value).success,
    rule: 'is 1 to 40 capital letters, digits and hyphens',
  },
  {
    field: 'warehouse',
    accepts: (value) => warehouseCode.safeParse(value).success,
    rule: 'is 1 to 20 capital letters, digits and hyphens',
  },
  {
    field: 'quantity',
    accepts: (value) => aNumber.test(value) && Number(value) >= 1 && Number(value) <= mostUnits,
    rule: `is a whole number of 1 to ${mostUnits}`,
  },
];

/** The order of the columns in the file; or what is wrong with its header. */
export function readHeader(cells: readonly string[]): readonly DeliveryColumn[] | { rule: string } {
  const missing = deliveryColumns.filter((column) => !cells.includes(column));
  if (missing.length > 0) return { rule: `lacks the column ${missing.join(', ')}` };
  if (cells.length > deliveryColumns.length) {
    return { rule: `has columns besides ${deliveryColumns.join(', ')}` };
  }
  return cells as readonly DeliveryColumn[];
}

/** The delivery of a line of the file. */
export function readDelivery(
  line: number,
  cells: readonly string[],
  columns: readonly DeliveryColumn[],
): Delivery | RefusedLine {
  if (cells.length !== columns.length) {
    const rule = `the line has ${cells.length} columns, and the header ${columns.length}`;
    return { line, reference: null, field: null, rule };
  }
  const cellOf = (column: DeliveryColumn): string => cells[columns.indexOf(column)] ?? '';
  const broken = rules.find(({ field, accepts }) => !accepts(cellOf(field)));
  const reference = cellOf('reference');
  if (broken) {
    const { field, rule } = broken;
    return { line, reference: field === 'reference' ? null : reference, field, rule };
  }
  const quantity = Number(cellOf('quantity'));
  return { line, reference, sku: cellOf('sku'), warehouse: cellOf('warehouse'), quantity };
}
