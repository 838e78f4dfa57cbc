import { Injectable } from '@nestjs/common';
import {
  FindProducts,
  foundProducts,
  type Line,
  noProduct,
  onSeveralLines,
} from '@waybill/contracts';
import { Requests } from '@waybill/messaging';

/** Lines that cannot be weighed; `skus` are the invalid ones. */
export class UnweighableLines extends Error {
  readonly retriable = false;

  constructor(
    readonly code: 'unknown_sku' | 'duplicate_sku',
    readonly skus: readonly string[],
    /** The first line that is wrong, as a JSON pointer. */
    readonly path: string,
  ) {
    super(code === 'unknown_sku' ? noProduct(...skus) : onSeveralLines(...skus));
    this.name = 'UnweighableLines';
  }
}

/** Milliseconds: a customer waits for it, and many may ask at once. */
const deadline = 1_000;

/** Weighs a parcel before it is packed, with product weights from inventory. */
@Injectable()
export class ParcelWeigher {
  constructor(private readonly requests: Requests) {}

  /** The weight of all lines in grams; rejects with `UnweighableLines`, or if inventory does not reply. */
  async weigh(lines: readonly Line[]): Promise<number> {
    const skus = lines.map(({ sku }) => sku);
    const twice = skus.filter((sku, index) => skus.indexOf(sku) < index);
    const pathOf = ([first = '']: readonly string[]) => `/lines/${skus.lastIndexOf(first)}/sku`;
    if (twice.length > 0)
      throw new UnweighableLines('duplicate_sku', [...new Set(twice)], pathOf(twice));
    const options = { deadline, answer: foundProducts };
    const { products } = await this.requests.request(FindProducts, { skus }, options);
    const weights = new Map(products.map(({ sku, weightGrams }) => [sku, weightGrams]));
    const unknown = skus.filter((sku) => !weights.has(sku));
    if (unknown.length > 0) throw new UnweighableLines('unknown_sku', unknown, pathOf(unknown));
    return lines.reduce((sum, { sku, quantity }) => sum + (weights.get(sku) ?? 0) * quantity, 0);
  }
}
