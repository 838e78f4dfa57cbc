import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, type Type } from '@nestjs/common';
import { HandClock } from '@waybill/messaging/testing';
import { SignJWT } from 'jose';
import { type EdgeApp, edgeApp, testSecret } from '../testing/edge-app.ts';
import { identityHeaders } from './access.guard.ts';
import { Caller, Internal, Public, Roles, Tokenless } from './caller.ts';
import { ServiceTokens } from './service-tokens.ts';

@Controller('plain')
class PlainController {
  @Get()
  read(@Caller() caller: Caller) {
    return caller;
  }

  @Roles('operator')
  @Get('operators')
  operators() {
    return 'ok';
  }
}

/** The decorators of a class apply to all of its routes that have none themselves. */
@Roles('operator')
@Controller('operators')
class OperatorsController {
  @Get()
  read() {
    return 'ok';
  }

  @Roles('customer', 'operator')
  @Get('both')
  both() {
    return 'ok';
  }

  @Public()
  @Get('anybody')
  anybody(@Caller() caller: Caller | null) {
    return { caller };
  }
}

@Public()
@Controller('public')
class PublicController {
  @Get()
  read() {
    return 'ok';
  }

  @Roles('operator')
  @Get('operators')
  operators() {
    return 'ok';
  }
}

@Tokenless()
@Controller('signed')
class SignedController {
  @Get()
  read(@Caller() caller: Caller | null) {
    return { caller };
  }

  @Roles('operator')
  @Get('operators')
  operators() {
    return 'ok';
  }
}

@Internal()
@Controller('inside')
class InsideController {
  @Get()
  read() {
    return 'ok';
  }
}

/** The same method as a route of two classes with different roles. */
class Listing {
  list() {
    return 'ok';
  }
}
Get()(
  Listing.prototype,
  'list',
  Object.getOwnPropertyDescriptor(Listing.prototype, 'list') as never,
);

@Controller('for-customers')
class CustomersListing extends Listing {}

@Roles('operator')
@Controller('for-operators')
class OperatorsListing extends Listing {}

const controllers: Type[] = [
  PlainController,
  OperatorsController,
  PublicController,
  SignedController,
  InsideController,
  CustomersListing,
  OperatorsListing,
];

describe('the guard of all routes', () => {
  const clock = new HandClock();
  const tokens = new ServiceTokens('order', testSecret, clock);
  let edge: EdgeApp;
  beforeAll(async () => {
    edge = await edgeApp(controllers, { clock });
  });
  afterAll(() => edge.app.close());

  const send = async (url: string, token: string | null, headers: object = {}) => {
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    return edge.fastify.inject({ url, headers: { ...authorization, ...headers } });
  };
  const statusOf = async (url: string, token: string | null) => (await send(url, token)).statusCode;

  it.each([
    ['/plain', 401, 200, 200],
    ['/plain/operators', 401, 403, 200],
    ['/operators', 401, 403, 200],
    ['/operators/both', 401, 200, 200],
    ['/operators/anybody', 200, 200, 200],
    ['/public', 200, 200, 200],
    ['/public/operators', 401, 403, 200],
    ['/signed', 200, 200, 200],
    ['/signed/operators', 401, 403, 200],
    ['/inside', 401, 401, 401],
    ['/for-customers', 401, 200, 200],
    ['/for-operators', 401, 403, 200],
  ])(
    'answers %s with %i to nobody, %i to a customer, %i to an operator',
    async (url, ...expected) => {
      const statuses = [];
      for (const token of [null, 'ada', 'operator']) statuses.push(await statusOf(url, token));
      expect(statuses).toEqual(expected);
    },
  );

  it('opens what is internal to a service, and nothing else', async () => {
    const token = await tokens.issue();
    expect(await statusOf('/inside', token)).toBe(200);
    expect(await statusOf('/plain', token)).toBe(401);
    expect(await statusOf('/operators', token)).toBe(401);
  });

  const seconds = Math.floor(clock.now().getTime() / 1_000);
  const forged = [
    { what: 'of another secret', secret: `${testSecret}-of-somebody-else` },
    { what: 'of another algorithm', alg: 'HS512' },
    { what: 'for somebody else', claims: { aud: 'waybill' } },
    { what: 'that has expired', claims: { iat: seconds - 120, exp: seconds - 60 } },
    { what: 'that lives for ever', claims: { exp: undefined } },
    { what: 'that is too old', claims: { iat: seconds - 3_600, exp: seconds + 3_600 } },
    { what: 'of nobody', claims: { sub: undefined } },
  ];
  it.each(forged)('does not open what is internal to a token $what', async (token) => {
    const { secret = testSecret, alg = 'HS256', claims = {} } = token;
    const usual = { sub: 'order', aud: 'waybill-internal', iat: seconds, exp: seconds + 60 };
    const sign = (with_: object) =>
      new SignJWT({ ...usual, ...with_ })
        .setProtectedHeader({ alg })
        .sign(new TextEncoder().encode(secret));
    expect(await statusOf('/inside', await sign(claims))).toBe(401);
  });

  it('takes from no header who somebody is', async () => {
    const claimed = Object.fromEntries(identityHeaders.map((name) => [name, 'operator']));
    expect((await send('/plain', null, claimed)).statusCode).toBe(401);
    expect((await send('/plain/operators', 'ada', claimed)).statusCode).toBe(403);
    expect((await send('/inside', null, claimed)).statusCode).toBe(401);
    expect((await send('/plain', 'ada', claimed)).json()).toMatchObject({ roles: ['customer'] });
  });
});
