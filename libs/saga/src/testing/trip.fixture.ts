import { command, event, type Message, reply } from '@waybill/message';
import { streamTable } from '@waybill/messaging';
import { z } from 'zod';
import { defineSaga } from '../define-saga.ts';

const tripId = z.string();
const about = {
  key: (data: { tripId: string }) => data.tripId,
  summary: 'for tests',
  schema: z.strictObject({ tripId }),
};
const withReason = { ...about, schema: z.strictObject({ tripId, reason: z.string() }) };

export const HoldSeat = command('flight.hold-seat', about);
export const SeatHeld = reply('flight.seat-held', about);
export const NoSeat = reply('flight.no-seat', withReason);
export const FreeSeat = command('flight.free-seat', about);
export const SeatFreed = reply('flight.seat-freed', about);
export const HoldRoom = command('hotel.hold-room', about);
export const RoomHeld = reply('hotel.room-held', {
  ...about,
  schema: z.strictObject({ tripId, room: z.int() }),
});
export const NoRoom = reply('hotel.no-room', withReason);
export const FreeRoom = command('hotel.free-room', about);
export const RoomFreed = reply('hotel.room-freed', about);
export const HoldCar = command('cars.hold-car', about);
export const CarHeld = reply('cars.car-held', about);
export const NoCar = reply('cars.no-car', withReason);
export const FreeCar = command('cars.free-car', about);
export const CarFreed = reply('cars.car-freed', about);
export const ChargeCard = command('bank.charge-card', about);
export const CardCharged = reply('bank.card-charged', about);
export const ChargeRefused = reply('bank.charge-refused', about);
export const SendTickets = command('flight.send-tickets', about);
export const TicketsSent = reply('flight.tickets-sent', about);
export const StepFailed = reply('trip.step-failed', {
  ...about,
  schema: z.strictObject({
    tripId,
    command: z.string(),
    deadLetterId: z.string(),
    error: z.string(),
  }),
});
export const TripChanged = event('trip.changed', {
  ...about,
  schema: z.strictObject({ tripId, status: z.string(), news: z.array(z.string()) }),
});

const data = z.strictObject({ tripId, room: z.int().nullable() });
export type BookTrip = z.output<typeof data>;

/** A trip as folded from its events. */
export interface Trip {
  readonly id: string;
  readonly status: string;
  readonly room: number | null;
}
export interface TripEvent {
  readonly type:
    | 'requested'
    | 'room-held'
    | 'room-freed'
    | 'paid'
    | 'confirmed'
    | 'called-off'
    | 'failed';
  readonly data: { readonly room?: number; readonly why?: string };
}

const evolve = (trip: Trip | undefined, { type, data: { room } }: TripEvent, id: string): Trip => ({
  id,
  status: type,
  room: room ?? trip?.room ?? null,
});

export const trips = streamTable<Trip, TripEvent>({
  table: 'trips',
  events: 'trip_events',
  id: 'id',
  evolve: (trip, event, { id }) => evolve(trip, event, id),
});

/** A saga with every kind of step. */
export const bookTrip = defineSaga<BookTrip, Trip, TripEvent>({
  name: 'book-trip',
  version: 1,
  data,
  key: (trip) => trip.tripId,
  stepFailed: StepFailed,
  record: {
    stream: trips,
    fold: (trip, events) => events.reduce((now, event) => evolve(now, event, trip.id), trip),
    publish: ({ id, status }, events) => [
      TripChanged({ tripId: id, status, news: events.map(({ type }) => type) }) as Message,
    ],
    cancelled: (_, why) => [{ type: 'called-off', data: { why } }],
    aborted: ({ status }, why) =>
      status === 'called-off' ? [] : [{ type: 'failed', data: { why } }],
  },
  steps: (step) => [
    step('hold-seat', {
      send: (trip) => HoldSeat({ tripId: trip.tripId }),
      succeedsOn: SeatHeld,
      failsOn: NoSeat,
      undo: (trip) => FreeSeat({ tripId: trip.tripId }),
      undoneOn: SeatFreed,
    }),
    step('hold-room', {
      send: (trip) => HoldRoom({ tripId: trip.tripId }),
      succeedsOn: RoomHeld,
      failsOn: NoRoom,
      remember: ({ room }) => ({ room }),
      record: ({ room }) => [{ type: 'room-held', data: { room } }],
      undo: (trip) => FreeRoom({ tripId: trip.tripId }),
      undoneOn: RoomFreed,
      recordUndone: () => [{ type: 'room-freed', data: {} }],
    }),
    step('hold-car', {
      send: (trip) => HoldCar({ tripId: trip.tripId }),
      succeedsOn: CarHeld,
      failsOn: NoCar,
      undo: (trip) => FreeCar({ tripId: trip.tripId }),
      undoneOn: CarFreed,
      within: '5m',
    }),
    step('charge-card', {
      pivot: true,
      send: (trip) => ChargeCard({ tripId: trip.tripId }),
      succeedsOn: CardCharged,
      failsOn: ChargeRefused,
      reason: () => 'not_paid',
      record: () => [{ type: 'paid', data: {} }],
    }),
    step('confirm-trip', ({ status }) =>
      status === 'paid' ? [{ type: 'confirmed', data: {} }] : [],
    ),
    step('send-tickets', {
      retriable: true,
      send: (trip) => SendTickets({ tripId: trip.tripId }),
      succeedsOn: TicketsSent,
    }),
  ],
});

const id = '019a9c40-0000-7000-8000-000000000001';

/** Data and replies of one trip. */
export const trip = {
  data: { tripId: id, room: null },
  seatHeld: SeatHeld({ tripId: id }),
  noSeat: NoSeat({ tripId: id, reason: 'fully_booked' }),
  seatFreed: SeatFreed({ tripId: id }),
  roomHeld: RoomHeld({ tripId: id, room: 7 }),
  noRoom: NoRoom({ tripId: id, reason: 'no_room' }),
  roomFreed: RoomFreed({ tripId: id }),
  carHeld: CarHeld({ tripId: id }),
  noCar: NoCar({ tripId: id, reason: 'no_car' }),
  carFreed: CarFreed({ tripId: id }),
  charged: CardCharged({ tripId: id }),
  chargeRefused: ChargeRefused({ tripId: id }),
  ticketsSent: TicketsSent({ tripId: id }),
};
