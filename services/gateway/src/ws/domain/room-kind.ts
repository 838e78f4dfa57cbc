/** The kinds of rooms. */
export type RoomKind = 'order' | 'chat';

const start = 'order:';

export const kindOf = (room: string): RoomKind => (room.startsWith(start) ? 'order' : 'chat');

/** The id of the order whose room it is, as it was written; null for other rooms. */
export const orderOf = (room: string): string | null =>
  kindOf(room) === 'order' ? room.slice(start.length) : null;
