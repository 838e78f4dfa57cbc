import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Address,
  address,
  FindProducts,
  foundProducts,
  type Line,
  line,
  type Money,
  type ShippingMethod,
  shippingMethod,
} from '@waybill/contracts';
import { Requests } from '@waybill/messaging';
import { Problem } from '@waybill/service';
import { z } from 'zod';
import { Quoter } from '../clients/quoter.ts';
import { cheapestFirst } from '../domain/rate-table.ts';

const quotesBody = z.strictObject({
  lines: z.array(line).min(1).max(100),
  shippingAddress: address,
});
type QuotesBody = z.output<typeof quotesBody>;

/** A carrier's offer, as the API shows it. */
interface QuoteView {
  readonly carrier: string;
  readonly method: ShippingMethod;
  readonly cost: Money;
  readonly estimatedDays: number;
}

const weightDeadline = 300;

/** What sending something would cost, before it is ordered. */
@ApiTags('Shipping')
@Controller('api/v1/shipping')
export class QuotesController {
  constructor(
    private readonly quoter: Quoter,
    private readonly requests: Requests,
  ) {}

  @Post('quotes')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask every carrier what a parcel would cost' })
  async quotes(
    @Body({ schema: quotesBody }) body: QuotesBody,
  ): Promise<{ quotes: readonly QuoteView[]; missing: readonly string[] }> {
    const weightGrams = await this.weightOf(body.lines);
    const found = await Promise.all(
      shippingMethod.options.map((method) =>
        this.quotesFor(body.shippingAddress, weightGrams, method),
      ),
    );
    const offers = cheapestFirst(found.flatMap(({ offers }) => offers));
    return {
      quotes: offers.map(({ carrier, method, cost, days }) => ({
        carrier,
        method,
        cost,
        estimatedDays: days,
      })),
      missing: [...new Set(found.flatMap(({ missing }) => missing))].sort(),
    };
  }

  private quotesFor({ country }: Address, weightGrams: number, method: ShippingMethod) {
    return this.quoter.quotes({ country, weightGrams, method });
  }

  /** Inventory knows what things weigh. */
  private async weightOf(lines: readonly Line[]): Promise<number> {
    const skus = lines.map(({ sku }) => sku);
    const twice = skus.find((sku, index) => skus.indexOf(sku) !== index);
    if (twice) throw new Problem(422, 'duplicate_sku', `${twice} is on two lines`);
    const { products } = await this.requests.request(
      FindProducts,
      { skus },
      { deadline: weightDeadline, answer: foundProducts },
    );
    const weights = new Map(products.map(({ sku, weightGrams }) => [sku, weightGrams]));
    return lines.reduce((total, { sku, quantity }) => {
      const weight = weights.get(sku);
      if (weight === undefined) throw new Problem(422, 'unknown_sku', `there is no product ${sku}`);
      return total + weight * quantity;
    }, 0);
  }
}
