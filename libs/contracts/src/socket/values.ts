import { instant, text } from '@waybill/message';
import { z } from 'zod';

const mostEntries = 20;

/** A room is made by the first who joins it, and gone with the last who leaves. `order:{id}` is the room of an order. */
export const room = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/,
    'is 1 to 100 letters, digits and . _ : - that begin with a letter or digit',
  )
  .meta({ id: 'Room' });

/** What a member shows of itself to the others of a room. */
export const metadata = z
  .record(text(1, 50), z.union([text(0, 200), z.number(), z.boolean(), z.null()]))
  .refine(
    (entries) => Object.keys(entries).length <= mostEntries,
    `has at most ${mostEntries} entries`,
  )
  .meta({ id: 'Metadata' });
export type Metadata = z.output<typeof metadata>;

/** One connection; a customer may have several. */
export const clientId = z.uuid().meta({ id: 'ClientId' });

/** What one writes to another. */
export const words = text(1, 2_000);

/** Who is in a room. Nobody's name or account is shown, unless it is in the metadata. */
export const roomUser = z
  .strictObject({
    clientId,
    role: z.enum(['customer', 'operator']),
    metadata,
    joinedAt: instant,
  })
  .meta({ id: 'RoomUser' });
export type RoomUser = z.output<typeof roomUser>;
