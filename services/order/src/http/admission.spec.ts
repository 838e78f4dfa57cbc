import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HttpAdapterHost } from '@nestjs/core';
import type { Message } from '@waybill/contracts';
import type { ServiceAdapter } from '@waybill/http';
import { Overloaded, Submitter } from '@waybill/messaging';
import { createLog, type Disk } from '@waybill/observability';
import { fakeClock } from '@waybill/testing';
import { of } from 'rxjs';
import { orderConfig } from '../order.config.ts';
import type { OpenSagas } from '../storage/open-sagas.ts';
import { Admission } from './admission.ts';

const config = orderConfig.parse({ MAX_OPEN_ORDERS: '2' });
const clock = fakeClock();
let open: number | Error;
let short: boolean | Error;
let admission: Admission;
let overload: Overloaded | undefined;
let asked: [string, string, () => Error | undefined];

class Queue extends Submitter {
  submit<A>(_: Message): Promise<A> {
    throw new Error('nobody submits here');
  }
  override overload() {
    return overload;
  }
}
const adapters = {
  init$: of(undefined),
  httpAdapter: { checkFirst: (...given: typeof asked) => (asked = given) },
} as unknown as HttpAdapterHost<ServiceAdapter>;

const told = async <T>(fact: T | Error): Promise<T> => {
  if (fact instanceof Error) throw fact;
  return fact;
};

beforeEach(async () => {
  open = 0;
  short = false;
  overload = undefined;
  admission = new Admission(
    adapters,
    new Queue(),
    { count: () => told(open) } as Partial<OpenSagas> as OpenSagas,
    { folder: '/data', reserveMb: 512, isShort: () => told(short) } as Partial<Disk> as Disk,
    clock,
    config,
    createLog({ service: 'order', level: 'silent' }),
  );
});
afterEach(() => admission.onApplicationShutdown());

const refusal = () => {
  const refused = admission.refusal();
  if (!refused) return null;
  expect(refused).toMatchObject({
    status: 503,
    code: 'overloaded',
    headers: { 'retry-after': '5' },
  });
  return refused.message;
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

  it('is asked before anything of a new order is read', () => {
    const [method, path, refusal] = asked;
    expect([method, path, refusal()]).toEqual(['POST', '/api/v1/orders', undefined]);
    overload = new Overloaded(300);
    expect(refusal()).toBe(overload);
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
