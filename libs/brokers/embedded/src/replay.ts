import { type Clock, GroupInUse, type SeekTarget } from '@waybill/messaging';
import { Confirm } from './confirm.ts';
import type { EmbeddedGroup } from './embedded-group.ts';
import type { Entry } from './entry.ts';
import type { LogRecord, Place } from './log/log-record.ts';
import type { MessageLog } from './log/message-log.ts';
import type { Routes } from './routes.ts';

type IsStart = (place: Place) => boolean;

/** A group that is about to read a channel again: in each partition from the first message for which `isStart` holds. */
interface Move {
  readonly group: EmbeddedGroup;
  readonly channel: string;
  readonly isStart: IsStart;
  readonly from: (number | undefined)[];
  readonly records: LogRecord[];
}

const nameOf = ({ group, channel }: Move): string => `${group.name} ${channel}`;

/** Lets groups read the log again. */
export class Replay {
  /** The newest move of a group in a channel. Only that one says where the group continues. */
  readonly #newest = new Map<string, Move>();
  /** What was put before a group once more. */
  readonly #again = new WeakSet<Entry>();

  constructor(
    private readonly log: MessageLog,
    private readonly routes: Routes,
    private readonly clock: Clock,
  ) {}

  /** Groups read what they have not read yet: everything if they are new, or the rest of a replay that a crash ended. */
  async resume(groups: readonly EmbeddedGroup[]): Promise<void> {
    const moves = groups.flatMap((group) =>
      this.keptOf(group).flatMap((channel) => {
        const place = this.log.places.of(group.name, channel);
        const isStart: IsStart = ({ partition, offset }) => offset >= (place?.[partition] ?? 0);
        const move = moveOf(group, channel, isStart);
        return place === null || this.#newest.has(nameOf(move)) ? [] : [move];
      }),
    );
    if (moves.length === 0) return;
    await this.#prepare(moves);
    this.#begin(moves);
  }

  /** Moves a group in these channels, which are kept. Rejects with `GroupInUse` if it has consumers. */
  async seek(group: EmbeddedGroup, to: SeekTarget, channels: readonly string[]): Promise<void> {
    const { places } = this.log;
    refuseIfInUse(group);
    const before = channels.map((channel) => [channel, places.of(group.name, channel)] as const);
    const moves = channels.map((channel) => moveOf(group, channel, startAt(to)));
    await this.#prepare(moves);
    try {
      refuseIfInUse(group);
    } catch (error) {
      for (const [channel, place] of before) places.set(group.name, channel, place);
      await places.save();
      throw error;
    }
    this.#begin(moves);
  }

  /** The channels of a group whose messages are kept. */
  keptOf(group: EmbeddedGroup): readonly string[] {
    return group.channels().filter((channel) => this.log.keeps(channel));
  }

  /** Notes where the groups are before they get anything, so that a crash repeats it. */
  async #prepare(moves: readonly Move[]): Promise<void> {
    for (const move of moves) this.#newest.set(nameOf(move), move);
    await this.#read(moves);
    for (const { group, channel, from, records } of moves) {
      const ends = Array.from({ length: group.partitions }, (_, p) => this.log.end(channel, p));
      const place = records.length === 0 ? null : ends.map((end, p) => from[p] ?? end);
      this.log.places.set(group.name, channel, place);
    }
    await this.log.places.save();
  }

  /** One pass for all of them. */
  async #read(moves: readonly Move[]): Promise<void> {
    for await (const record of this.log.read(new Set(moves.map(({ channel }) => channel)))) {
      const { channel } = record.place;
      const groups = this.routes.groupsFor(channel, record.message.envelope);
      for (const move of moves) {
        if (move.channel === channel && groups.includes(move.group)) take(move, record);
      }
    }
  }

  /** What waits anyway keeps its place, because its sender waits for it, and comes after what was committed before it. */
  #begin(moves: readonly Move[]): void {
    for (const move of moves) {
      const { group, channel, records } = move;
      const waiting = group.waitingOn(channel).filter((entry) => {
        const stays = !this.#again.has(entry) && (!entry.place || isWanted(move, entry.place));
        if (!stays) group.commit(entry);
        return stays;
      });
      const known = new Set(waiting.map(({ place }) => place && keyOf(place)));
      const missing = records.filter(({ place }) => !known.has(keyOf(place)));
      if (missing.length === 0) this.#end(move);
      const caughtUp = new Confirm(
        channel,
        (_, error) => {
          if (!error) this.#end(move);
        },
        missing.length,
      );
      const now = this.clock.now().getTime();
      for (const entry of group.replay(missing, now, caughtUp)) this.#again.add(entry);
    }
  }

  /** Until it is saved, a restart only reads the messages once more. */
  #end(move: Move): void {
    const { places } = this.log;
    const { name } = move.group;
    if (this.#newest.get(nameOf(move)) !== move || places.of(name, move.channel) === null) return;
    places.set(name, move.channel, null);
    places.save().catch(() => undefined);
  }
}

function refuseIfInUse({ name, hasConsumers }: EmbeddedGroup): void {
  if (hasConsumers)
    throw new GroupInUse('embedded', name, 'only a group without consumers can be moved');
}

const keyOf = ({ partition, offset }: Place) => `${partition} ${offset}`;

const moveOf = (group: EmbeddedGroup, channel: string, isStart: IsStart): Move => ({
  group,
  channel,
  isStart,
  from: [],
  records: [],
});

/** The first message for which `isStart` holds begins its partition. */
function take(move: Move, record: LogRecord): void {
  const { place } = record;
  if (move.from[place.partition] === undefined && move.isStart(place))
    move.from[place.partition] = place.offset;
  if (isWanted(move, place)) move.records.push(record);
}

function isWanted({ from, isStart }: Move, place: Place): boolean {
  const first = from[place.partition];
  return first === undefined ? isStart(place) : place.offset >= first;
}

function startAt(to: SeekTarget): IsStart {
  if (to === 'earliest') return () => true;
  if (to === 'latest') return () => false;
  return to instanceof Date ? ({ at }) => at >= to.getTime() : ({ offset }) => offset >= to;
}
