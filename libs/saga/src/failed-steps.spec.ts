import { describe, expect, it } from '@jest/globals';
import { type Message, newId, wrap } from '@waybill/message';
import { reportsTo } from './failed-steps.ts';
import { FreeCar, StepFailed, TripChanged } from './testing/trip.fixture.ts';

const tripId = newId();
const cause = { id: newId(), correlationId: newId(), traceparent: null };
const wrapped = (source: string, message: Message = FreeCar({ tripId })) =>
  wrap(message, { cause, source, now: new Date(), name: '0' });
const { onDeadLetter } = reportsTo(StepFailed, 'tripId');

describe('the report of a dead command', () => {
  it('goes to the saga that sent the command', () => {
    const [report] = onDeadLetter(wrapped('trip'), { id: 'd', error: 'boom' });
    expect(report?.contract).toBe(StepFailed);
    expect(report?.data).toEqual({
      tripId,
      command: FreeCar.type,
      deadLetterId: 'd',
      error: 'boom',
    });
  });

  it('is sent whatever the error quotes, and whatever the command carries', () => {
    const error = `\u0000${'x'.repeat(999)}😀`;
    const broken = { ...wrapped('trip'), data: null };
    const [report] = onDeadLetter(broken, { id: 'd', error });
    expect(report?.data).toMatchObject({ tripId, error: `${'x'.repeat(999)}\ufffd` });
  });

  it('is not sent for what no saga waits for', () => {
    const letter = { id: 'd', error: 'boom' };
    const fact = TripChanged({ tripId, status: 'paid', news: [] });
    expect(onDeadLetter(wrapped('hotel'), letter)).toEqual([]);
    expect(onDeadLetter(wrapped('trip', fact), letter)).toEqual([]);
    expect(onDeadLetter({ ...wrapped('trip'), key: 7 as never }, letter)).toEqual([]);
  });
});
