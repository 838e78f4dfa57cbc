import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Refuses, Roles } from '@waybill/http';
import { SystemMessages } from '@waybill/service';
import type { z } from 'zod';
import { deferredPageAnswer, deferredQuery, messageAnswer, messageId } from './messages.schema.ts';

/** Single messages, wherever they are, and those that wait in the databases of their groups. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1')
export class MessagesController {
  constructor(private readonly messages: SystemMessages) {}

  @Get('messages/:id')
  @ApiOperation({
    summary: 'Where a message is: outbox, broker, inbox, deferred, or dead letter',
    description:
      'Brokers are searched only where they show what waits. A message that no group receives is unknown once it is published.',
  })
  @Answers(200, messageAnswer, 'Every place where it is')
  @Refuses(404, 'not_found')
  @Refuses(503, 'unavailable')
  find(@Param('id', { schema: messageId }) id: string) {
    return this.messages.find(id);
  }

  @Get('deferred')
  @ApiOperation({
    summary:
      'Deferred messages: to be retried, calling an external system, or blocked by an earlier one of their key',
  })
  @Answers(200, deferredPageAnswer, 'A page')
  list(
    @Query({ schema: deferredQuery }) { limit, cursor, ...filter }: z.output<typeof deferredQuery>,
  ) {
    return this.messages.deferred(filter, limit, cursor);
  }
}
