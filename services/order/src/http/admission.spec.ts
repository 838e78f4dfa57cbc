import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLog, type Disk } from '@waybill/service';
import { fakeClock } from '@waybill/testing';
import type { OrderConfig } from '../order.config.ts';
import type { OpenSagas } from '../storage/open-sagas.ts';
import { Admission } from './admission.ts';

const config = { maxOpenOrders: 2 } as OrderConfig;
const clock = fakeClock();
let open: number | Error;
let short: boolean | Error;
let admission: Admission;

const told = async <T>(fact: T | Error): Promise<T> => {
  if (fact instanceof Error) throw fact;
  return fact;
};

beforeEach(async () => {
  open = 0;
  short = false;
  admission = new Admission(
    { count: () => told(open) } as Partial<OpenSagas> as OpenSagas,
    { folder: '/data', reserveMb: 512, isShort: () => told(short) } as Partial<Disk> as Disk,
    clock,
    config,
    createLog({ service: 'order', level: 'silent' }),
  );
});
afterEach(() => admission.onApplicationShutdown());

const refusal = () => {
  try {
    admission.check();
    return null;
  } catch (error) {
    const { status, code, message, headers } = error as Record<string, unknown>;
    expect([status, code, headers]).toEqual([503, 'overloaded', { 'retry-after': '5' }]);
    return message;
  }
};
const lookAgain = async () => {
  clock.advance(1_000);
  await new Promise((resolve) => setImmediate(resolve));
};

describe('the admission of new orders', () => {
  it('has looked before the first order, and looks each second', async () => {
    short = true;
    await admission.onApplicationBootstrap();
    expect(refusal()).toBe('the disk has less than 512 MiB left');
    short = false;
    await lookAgain();
    expect(refusal()).toBeNull();
    short = true;
    await lookAgain();
    expect(refusal()).toMatch(/disk/);
  });

  it('refuses while more orders than the limit are open', async () => {
    await admission.onApplicationBootstrap();
    open = 2;
    await lookAgain();
    expect(refusal()).toBeNull();
    open = 3;
    await lookAgain();
    expect(refusal()).toBe('more than 2 orders wait to be settled');
  });

  it('sees a full disk while the database does not answer, and keeps what it cannot see', async () => {
    await admission.onApplicationBootstrap();
    open = new Error('no space left on device');
    short = true;
    await lookAgain();
    expect(refusal()).toMatch(/disk/);
    short = new Error('unmounted');
    open = 0;
    await lookAgain();
    expect(refusal()).toMatch(/disk/);
  });
});
