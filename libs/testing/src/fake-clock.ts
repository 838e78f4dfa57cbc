import { HandClock } from '@waybill/messaging/testing';

/** A clock that moves only with `advance(ms)`; timers fire on the way, in order of their time. */
export const fakeClock = (start: Date | string = '2026-01-01T00:00:00.000Z'): HandClock =>
  new HandClock(new Date(start).getTime());
