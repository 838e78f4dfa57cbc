import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidToken } from '@waybill/http';
import { ada } from '@waybill/http/testing';
import { HandClock, until } from '@waybill/messaging/testing';
import { AccountActivity, type ActivityChange, type ActivityPage } from './account-activity.ts';
import { InactiveCustomers } from './inactive-customers.ts';

/** A customer service with two changes a page. */
class FakeActivity extends AccountActivity {
  changes: ActivityChange[] = [];
  isAway = false;

  async after(position: number): Promise<ActivityPage> {
    if (this.isAway) throw new Error('away');
    const changes = this.changes.slice(position, position + 2);
    return { position: position + changes.length, changes };
  }
}

const tokenOf = (claims: object, signature = 'good'): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
const adasToken = tokenOf({ sub: ada.id });

let clock: HandClock;
let activity: FakeActivity;
let inactive: InactiveCustomers;
let verified: string[];

beforeEach(() => {
  clock = new HandClock();
  activity = new FakeActivity();
  verified = [];
  const verifier = {
    verify: async (token: string) => {
      verified.push(token);
      if (token === adasToken) return ada;
      throw new InvalidToken();
    },
  };
  inactive = new InactiveCustomers(activity, verifier, clock);
});

const request = (authorization?: string): IncomingMessage =>
  ({ headers: { authorization } }) as IncomingMessage;
const refusal = async (authorization: string) =>
  (await inactive.refusalOf(request(authorization)))?.code;
const deactivate = (customerId = ada.id) => activity.changes.push({ customerId, active: false });

describe('an inactive customer', () => {
  it('is refused within a quarter of a second, and served again once active', async () => {
    await inactive.onApplicationBootstrap();
    expect(inactive.refusalOf(request(`Bearer ${adasToken}`))).toBeUndefined();
    deactivate();
    await until(async () => {
      clock.advance(250);
      return (await refusal(`Bearer ${adasToken}`)) === 'customer_inactive';
    });
    activity.changes.push({ customerId: ada.id, active: true });
    await until(async () => {
      clock.advance(250);
      return (await refusal(`Bearer ${adasToken}`)) === undefined;
    });
    inactive.onApplicationShutdown();
  });

  it('is known after a start with many of them', async () => {
    for (let i = 0; i < 5; i += 1) deactivate(`c${i}`);
    deactivate();
    await inactive.onApplicationBootstrap();
    inactive.onApplicationShutdown();
    expect(await refusal(`bearer  ${adasToken}`)).toBe('customer_inactive');
  });

  it('stays known while the customer service is away, which shows in the health', async () => {
    deactivate();
    await inactive.follow();
    expect(inactive.troubles()).toEqual([]);
    activity.isAway = true;
    await expect(inactive.follow()).rejects.toThrow('away');
    clock.advance(2_000);
    expect(inactive.troubles()).toMatchObject([{ service: 'gateway', status: 'degraded' }]);
    expect(await refusal(`Bearer ${adasToken}`)).toBe('customer_inactive');
  });

  it('loses the event streams that are open or begin then, however they were asked for, and nobody else does', async () => {
    const open = new Map<ServerResponse, IncomingMessage>();
    const answer = (sub: string, contentType?: string) => {
      const response = {
        headersSent: contentType !== undefined,
        destroyed: false,
        contentType,
        getHeader: () => response.contentType,
        destroy: () => {
          response.destroyed = true;
        },
      };
      open.set(response as never, request(`Bearer ${tokenOf({ sub })}`));
      return response;
    };
    inactive.watch(open);
    const stream = 'text/event-stream; charset=utf-8';
    const [mine, other, download, late, lateDownload] = [
      answer(ada.id, stream),
      answer('grace', stream),
      answer(ada.id, 'application/pdf'),
      answer(ada.id),
      answer(ada.id),
    ];
    deactivate();
    await inactive.follow();
    expect(mine.destroyed).toBe(true);
    Object.assign(late, { headersSent: true, contentType: stream });
    Object.assign(lateDownload, { headersSent: true, contentType: 'application/json' });
    await inactive.follow();
    expect([late, other, download, lateDownload].map(({ destroyed }) => destroyed)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('a request of others', () => {
  beforeEach(async () => {
    deactivate();
    await inactive.follow();
  });

  it.each([
    '',
    'Basic YWRhOnB3',
    'Bearer',
    'Bearer x',
    'Bearer a.b.c',
    `Bearer e30.${Buffer.from('null').toString('base64url')}.x`,
    `Bearer ${tokenOf({ sub: 7 })}`,
    `Bearer ${tokenOf({ sub: 'grace' })}`,
    `Bearer ${tokenOf({ sub: '__proto__' })}`,
  ])('passes at once, without a look at the token: %j', (authorization) => {
    expect(inactive.refusalOf(request(authorization))).toBeUndefined();
    expect(verified).toEqual([]);
  });

  it('passes with a forged token of the customer: the owner of the route refuses it', async () => {
    expect(await refusal(`Bearer ${tokenOf({ sub: ada.id }, 'forged')}`)).toBeUndefined();
  });
});
