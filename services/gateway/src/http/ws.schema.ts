import { paging } from '@waybill/http';
import { z } from 'zod';

export const ticketAnswer = z
  .strictObject({ ticket: z.string(), expiresIn: z.number() })
  .meta({ id: 'WsTicket' });

export const listRoomsQuery = z.strictObject(paging);
export type ListRooms = z.output<typeof listRoomsQuery>;

export const roomPageAnswer = z.strictObject({
  items: z.array(
    z
      .strictObject({ room: z.string(), kind: z.enum(['order', 'chat']), users: z.int() })
      .meta({ id: 'WsRoom' }),
  ),
  nextCursor: z.string().nullable(),
});
