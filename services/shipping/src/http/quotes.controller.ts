import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Address,
  address,
  line,
  type Money,
  type ShippingMethod,
  shippingMethod,
} from '@waybill/contracts';
import { z } from 'zod';
import { ParcelWeigher } from '../clients/parcel-weigher.ts';
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

/** What sending something would cost, before it is ordered. */
@ApiTags('Shipping')
@Controller('api/v1/shipping')
export class QuotesController {
  constructor(
    private readonly quoter: Quoter,
    private readonly weigher: ParcelWeigher,
  ) {}

  @Post('quotes')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask every carrier what a parcel would cost' })
  async quotes(
    @Body({ schema: quotesBody }) body: QuotesBody,
  ): Promise<{ quotes: readonly QuoteView[]; missing: readonly string[] }> {
    const weightGrams = await this.weigher.weigh(body.lines);
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
}
