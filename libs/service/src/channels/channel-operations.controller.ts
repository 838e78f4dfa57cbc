import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { Internal, wholeNumber } from '@waybill/http';
import { z } from 'zod';
import type { DeferredMessage, MessagePlace } from '../messages/message-access.ts';
import { OPERATIONS, type Operations } from '../ops/operations.ts';
import type { BrowsedMessage, Purged } from './channel-access.ts';
import { seekTarget } from './seek-target.ts';

const word = text(1, 255);
const actor = z.strictObject({ by: text(1, 320) });
const browsed = z.strictObject({ limit: wholeNumber(1, 200) });
const moved = actor.extend({ to: seekTarget });
const deferredQuery = z.strictObject({
  group: word.optional(),
  limit: wholeNumber(1, 201),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
});

/** The channels and messages of a service, for a gateway in another process; requires a service token. */
@ApiExcludeController()
@Internal()
@Controller('internal')
export class ChannelOperationsController {
  constructor(@Inject(OPERATIONS) private readonly operations: Operations) {}

  @Get('channels/:name/messages')
  browse(
    @Param('name', { schema: word }) name: string,
    @Query({ schema: browsed }) { limit }: z.output<typeof browsed>,
  ): Promise<readonly BrowsedMessage[]> {
    return this.operations.control.browse(name, limit);
  }

  @Post('channels/:name/pause')
  @HttpCode(200)
  pause(
    @Param('name', { schema: word }) name: string,
    @Body({ schema: actor }) { by }: z.output<typeof actor>,
  ): Promise<readonly string[]> {
    return this.operations.control.pause(name, by);
  }

  @Post('channels/:name/resume')
  @HttpCode(200)
  resume(
    @Param('name', { schema: word }) name: string,
    @Body({ schema: actor }) { by }: z.output<typeof actor>,
  ): Promise<readonly string[]> {
    return this.operations.control.resume(name, by);
  }

  @Post('channels/:name/purge')
  @HttpCode(200)
  purge(
    @Param('name', { schema: word }) name: string,
    @Body({ schema: actor }) { by }: z.output<typeof actor>,
  ): Promise<readonly Purged[]> {
    return this.operations.control.purge(name, by);
  }

  @Post('groups/:name/seek')
  @HttpCode(204)
  seek(
    @Param('name', { schema: word }) name: string,
    @Body({ schema: moved }) { by, to }: z.output<typeof moved>,
  ): Promise<void> {
    return this.operations.control.seek(name, to, by);
  }

  @Get('deferred')
  deferred(
    @Query({ schema: deferredQuery }) { limit, after, ...filter }: z.output<typeof deferredQuery>,
  ): Promise<readonly DeferredMessage[]> {
    return this.operations.messages.deferred(filter, limit, after);
  }

  @Get('messages/:id')
  message(@Param('id', { schema: word }) id: string): Promise<readonly MessagePlace[]> {
    return this.operations.messages.places(id);
  }
}
