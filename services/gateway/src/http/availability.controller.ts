import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, AnswersAs, Caller, networkHeader, Public, Refuses } from '@waybill/http';
import type { FastifyReply } from 'fastify';
import { defer, map, mergeMap } from 'rxjs';
import type { z } from 'zod';
import { AvailabilityReader } from '../availability-reader.ts';
import { type PathOfSku, problemOfCall } from '../problem-of-call.ts';
import {
  type AvailabilityQuery,
  availabilityAnswer,
  availabilityQuery,
} from './availability.schema.ts';
import { EventSender } from './event-sender.ts';

/** How many units of products can be bought, for product pages and baskets. */
@ApiTags('Catalogue')
@Public()
@Controller('api/v1/availability')
export class AvailabilityController {
  constructor(
    private readonly availability: AvailabilityReader,
    private readonly sender: EventSender,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How many units of each product can be bought now' })
  @Answers(200, availabilityAnswer, 'Of each product, in the order of the query')
  @Refuses(422, 'unknown_sku')
  @Refuses(503, 'unavailable')
  async read(
    @Query({ schema: availabilityQuery }) { sku }: AvailabilityQuery,
  ): Promise<z.input<typeof availabilityAnswer>> {
    const found = await this.availability.read(sku).catch((error: unknown) => {
      throw problemOfCall('inventory', error, pathIn(sku));
    });
    return { products: [...found] };
  }

  @Get('stream')
  @ApiOperation({
    summary: 'What can be bought, and each change: server-sent events `availability`.',
    description:
      'The data of an event are `sku` and `available`. It begins with each product as it is, also for a reader who comes ' +
      'again. It stays open; a comment comes each 15 seconds.',
  })
  @AnswersAs(
    'text/event-stream',
    'Events `availability` whose data are a SKU and its available units, until the reader leaves',
  )
  @Refuses(422, 'unknown_sku')
  @Refuses(429, 'too_many_streams')
  @Refuses(503, 'overloaded', 'unavailable')
  async follow(
    @Query({ schema: availabilityQuery }) { sku }: AvailabilityQuery,
    @Caller() caller: Caller | null,
    @Headers(networkHeader) network: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const events = defer(() => this.availability.read(sku)).pipe(
      // The circuit breaker of the first call guards the stream too.
      mergeMap(() => this.availability.watch(sku)),
      map((data) => ({ event: 'availability', data })),
    );
    await this.sender.send(reply, {
      service: 'inventory',
      events,
      // Only a request that has not come through the gateway's own server has no network.
      caller: caller ?? { id: network ?? 'unknown' },
      pathOf: pathIn(sku),
    });
  }
}

const pathIn =
  (skus: readonly string[]): PathOfSku =>
  (sku) =>
    `/sku/${skus.indexOf(sku)}`;
