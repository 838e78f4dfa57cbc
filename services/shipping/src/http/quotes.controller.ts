import { Body, Controller, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Address,
  enteredAddress,
  line,
  money,
  type ShippingMethod,
  shippingMethod,
} from '@waybill/contracts';
import { Answers, Refuses } from '@waybill/http';
import { z } from 'zod';
import { ParcelWeigher } from '../clients/parcel-weigher.ts';
import { Quoter } from '../clients/quoter.ts';
import { checkDestination } from '../domain/destination.ts';
import { cheapestFirst } from '../domain/rate-table.ts';

const quotesBody = z.strictObject({
  lines: z.array(line).min(1).max(100),
  shippingAddress: enteredAddress,
});
type QuotesBody = z.output<typeof quotesBody>;

/** The carriers' offers, and the carriers that did not respond in time. */
const quotesAnswer = z
  .strictObject({
    quotes: z.array(
      z.strictObject({
        carrier: z.string(),
        method: shippingMethod,
        cost: money,
        estimatedDays: z.int().min(0),
      }),
    ),
    missing: z.array(z.string()),
  })
  .meta({ id: 'Quotes' });

/** The price of shipping before an order is placed. */
@ApiTags('Shipping')
@Controller('api/v1/shipping')
export class QuotesController {
  constructor(
    private readonly quoter: Quoter,
    private readonly weigher: ParcelWeigher,
  ) {}

  @Post('quotes')
  @Answers(200, quotesAnswer, 'Offers, the cheapest first')
  @Refuses(422, 'unknown_sku', 'unknown_country', 'duplicate_sku')
  @ApiOperation({ summary: 'Ask every carrier what a parcel would cost' })
  async quotes(
    @Body({ schema: quotesBody }) body: QuotesBody,
  ): Promise<z.output<typeof quotesAnswer>> {
    checkDestination(body.shippingAddress.country);
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
