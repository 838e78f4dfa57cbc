import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CarrierAnswer } from '@waybill/contracts/grpc';
import { AnswersAs, Caller, Refuses, type StreamEvent } from '@waybill/http';
import type { FastifyReply } from 'fastify';
import { concat, distinct, filter, map, merge, type Observable, of } from 'rxjs';
import { CarrierQuotes } from '../carrier-quotes.ts';
import { EventSender } from './event-sender.ts';
import { type QuoteStreamBody, quoteOf, quoteStreamBody } from './quote-stream.schema.ts';

const methods = ['SHIPPING_METHOD_STANDARD', 'SHIPPING_METHOD_EXPRESS'] as const;

/** The price of shipping while a customer waits for it: each carrier is shown as soon as it responds. */
@ApiTags('Shipping')
@Controller('api/v1/shipping/quotes')
export class QuoteStreamController {
  constructor(
    private readonly quotes: CarrierQuotes,
    private readonly sender: EventSender,
  ) {}

  @Post('stream')
  @ApiOperation({
    summary: 'Ask every carrier what a parcel would cost: server-sent events, as they answer.',
    description:
      'The data of an event `quote` are an offer as in the answer of `POST /api/v1/shipping/quotes`, those of `missing` the ' +
      '`carrier` that did not answer in time. The last event is `end`; a stream without it was cut, and the request may be repeated.',
  })
  @AnswersAs('text/event-stream', 'Events `quote` and `missing`, then `end`')
  @Refuses(422, 'unknown_sku', 'unknown_country', 'duplicate_sku')
  @Refuses(429, 'too_many_streams')
  @Refuses(503, 'overloaded', 'unavailable')
  follow(
    @Body({ schema: quoteStreamBody }) body: QuoteStreamBody,
    @Caller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answers = merge(...methods.map((method) => this.quotes.stream({ ...body, method })));
    const events = concat(eventsOf(answers), of({ event: 'end', data: {} }));
    // Of a SKU on two lines, the second is the one too many.
    const pathOf = (sku: string) =>
      `/lines/${body.lines.findLastIndex((line) => line.sku === sku)}/sku`;
    return this.sender.send(reply, { service: 'shipping', events, caller, pathOf });
  }
}

/** A carrier is missing once, though it is called for each method. */
const eventsOf = (answers: Observable<CarrierAnswer>): Observable<StreamEvent> =>
  answers.pipe(
    filter(({ noOffer }) => !noOffer),
    distinct(({ carrier, offer }) => `${carrier} ${offer?.method}`),
    map(({ carrier, offer }) =>
      offer ? { event: 'quote', data: quoteOf(offer) } : { event: 'missing', data: { carrier } },
    ),
  );
