import type { Clock } from '@waybill/messaging';

/** A clock that stands still until a test turns it; its timers never fire. */
export class HandTurnedClock implements Clock {
  private at = Date.parse('2026-11-21T12:00:00Z');

  now(): Date {
    return new Date(this.at);
  }

  after(): () => void {
    return () => {};
  }

  turn(ms: number): void {
    this.at += ms;
  }
}
