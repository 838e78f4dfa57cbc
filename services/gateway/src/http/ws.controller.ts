import { Controller, Get, Post, Query, Req } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Answers,
  Caller,
  type Page,
  PagedList,
  Problem,
  Roles,
  Tokenless,
  Unaudited,
} from '@waybill/http';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { kindOf } from '../ws/domain/room-kind.ts';
import { Rooms } from '../ws/rooms.ts';
import { Tickets, ticketLife } from '../ws/tickets.ts';
import { type ListRooms, listRoomsQuery, roomPageAnswer, ticketAnswer } from './ws.schema.ts';

const roomsByName = new PagedList('ws-rooms', z.string());

/** What belongs to the WebSocket and is plain HTTP. */
@ApiTags('Real time')
@Controller()
export class WsController {
  constructor(
    private readonly tickets: Tickets,
    private readonly rooms: Rooms,
  ) {}

  @Post('api/v1/ws/tickets')
  @Unaudited()
  @ApiOperation({
    summary: 'A ticket with which to open the WebSocket: `GET /ws?ticket=`',
    description:
      'Valid once, for 30 seconds. The connection acts on behalf of the caller, and ends with the token of this request. The messages ' +
      'are in `/asyncapi.json`.',
  })
  @Answers(201, ticketAnswer, 'The ticket')
  async issue(
    @Caller() caller: Caller,
    // `@Headers` would be a parameter of the API document.
    @Req() { headers }: FastifyRequest,
  ): Promise<z.input<typeof ticketAnswer>> {
    const { authorization = '' } = headers;
    const ticket = await this.tickets.issue({ caller, authorization });
    return { ticket, expiresIn: ticketLife };
  }

  @Roles('operator')
  @Get('api/v1/ws/rooms')
  @ApiOperation({ summary: 'The rooms of the WebSocket by their name, and how many are in each' })
  @Answers(200, roomPageAnswer, 'A page')
  list(@Query({ schema: listRoomsQuery }) query: ListRooms): Page<object> {
    const { after = '', take, page } = roomsByName.read(query);
    const found = this.rooms
      .sizes()
      .filter(({ room }) => room > after)
      .sort((one, other) => (one.room < other.room ? -1 : 1))
      .slice(0, take);
    const items = found.map(({ room, users }) => ({ room, kind: kindOf(room), users }));
    return page(items, ({ room }) => room);
  }

  /** For a request without an upgrade; the WebSocket itself is in the AsyncAPI document. */
  @Tokenless()
  @Get('ws')
  @ApiExcludeEndpoint()
  upgrade(): never {
    throw new Problem(426, 'upgrade_required', 'this is a WebSocket', {
      headers: { upgrade: 'websocket' },
    });
  }
}
