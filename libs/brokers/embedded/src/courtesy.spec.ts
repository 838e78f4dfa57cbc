import { describe, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { Courtesy } from './courtesy.ts';

function scene() {
  const clock = new HandClock();
  const courtesy = new Courtesy(clock, { linger: 20, longest: 150 });
  const told: string[] = [];
  const call = (open = 1) =>
    courtesy.inTurn(
      () => told.push('facts'),
      () => open,
    );
  return { clock, courtesy, told, call };
}

describe('the courtesy of facts', () => {
  it('is a short wait when nothing else is on its way', () => {
    const { clock, told, call } = scene();
    call();
    clock.advance(19);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['facts']);
  });

  it('goes on while commands and replies are on their way, and ends with them', () => {
    const { clock, courtesy, told, call } = scene();
    courtesy.onTheirWay = 2;
    call();
    clock.advance(60);
    expect(told).toEqual([]);
    courtesy.onTheirWay = 0;
    clock.advance(20);
    expect(told).toEqual(['facts']);
  });

  it('has an end', () => {
    const { clock, courtesy, told, call } = scene();
    courtesy.onTheirWay = 1;
    call();
    clock.advance(159);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['facts']);
    clock.advance(1_000);
    expect(told).toEqual(['facts']);
  });

  it('ends when there are enough for a batch', () => {
    const { clock, courtesy, told, call } = scene();
    courtesy.onTheirWay = 1;
    call(200);
    clock.advance(20);
    expect(told).toEqual(['facts']);
  });
});
