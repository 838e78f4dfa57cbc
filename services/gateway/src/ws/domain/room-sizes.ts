import { kindOf, type RoomKind } from './room-kind.ts';

/** A room, and how many clients are in it. */
export interface RoomSize {
  readonly room: string;
  readonly users: number;
}

/** How many rooms of each kind there are, and how many clients are in these. */
export function countsByKind(sizes: readonly RoomSize[]) {
  const counts = { order: { rooms: 0, users: 0 }, chat: { rooms: 0, users: 0 } } satisfies Record<
    RoomKind,
    unknown
  >;
  for (const { room, users } of sizes) {
    const count = counts[kindOf(room)];
    count.rooms += 1;
    count.users += users;
  }
  return counts;
}

/** The chat rooms with the most clients, at most `most`. */
export const busiest = (sizes: readonly RoomSize[], most: number): readonly RoomSize[] =>
  sizes
    .filter(({ room }) => kindOf(room) === 'chat')
    .sort((one, other) => other.users - one.users)
    .slice(0, most);
