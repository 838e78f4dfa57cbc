import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { developmentUsers, JwtVerifier, ownIssuer, PublishedKeys } from '@waybill/http';
import { oneBroker, systemClock } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { SigningKeys } from './access/signing-keys.ts';
import { CustomerModule } from './customer.module.ts';
import { customerInvariants } from './storage/customer.invariants.ts';
import { customerStorage } from './storage/customer.storage.ts';

const broker = embeddedBroker();
let database: TestDatabase;
const replicas: RunningService[] = [];
const ada = { email: 'ada@example.com', password: 'waybill' };
const hedy = { id: '01980000-0000-7000-8000-000000004ed1', email: 'hedy@example.com' };
const seeded = developmentUsers.parse(undefined);
const [first] = seeded;
const grace = { id: '01980000-0000-7000-8000-0000000060ac', email: 'grace@example.com' };

/** Verifies as a service in another process does, which reads the keys of a replica. */
const verifierAt = (replica: () => RunningService) => {
  const keys = new PublishedKeys(
    async () => (await replica().app.inject('/.well-known/jwks.json')).json(),
    systemClock,
  );
  return new JwtVerifier({ issuer: ownIssuer, audience: 'orders-of-shops', keys: keys.find });
};

beforeAll(async () => {
  database = await testDatabase(customerStorage);
  for (const migrate of [true, false]) {
    const verifier = verifierAt(() => replicas[0] as RunningService);
    replicas.push(
      await startService(CustomerModule, {
        brokers: oneBroker(broker),
        migrate,
        listen: null,
        tokenVerifier: verifier,
        env: {
          DATABASE_URL: database.url,
          LOG_LEVEL: 'silent',
          AUTH_AUDIENCE: 'orders-of-shops',
          SERVICE_SECRET: 'a-secret-for-tests-of-32-characters-or-more',
          SIGNING_KEY_NOTICE: '1500ms',
          SIGNING_KEY_LIFE: '40d',
          ACCESS_TOKEN_LIFE: '20m',
          REFRESH_TOKEN_LIFE: '3d',
          DEVELOPMENT_USERS: JSON.stringify([...seeded, { ...first, ...hedy }]),
          OPERATORS: ` ${grace.id.toUpperCase()}, `,
        },
      }),
    );
  }
}, 60_000);
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await broker.close();
  await database?.close();
});

const at = (n: number) => replicas[n % replicas.length] as RunningService;
const post = (n: number, path: string, payload?: object, token?: string) =>
  at(n).app.inject({
    method: 'POST',
    url: `/api/v1/auth/${path}`,
    ...(payload ? { payload } : {}),
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}
const signIn = async (n = 0, who = ada): Promise<Tokens> => {
  const answer = await post(n, 'token', who);
  expect([answer.statusCode, answer.body]).toEqual([200, expect.anything()]);
  return answer.json();
};
const refresh = (n: number, { refreshToken }: Tokens) => post(n, 'refresh', { refreshToken });
const kidOf = ({ accessToken }: Tokens) => decodeProtectedHeader(accessToken).kid;
const sessionRows = async (columns = '*') =>
  (await database.pool.query(`select ${columns} from sessions order by started_at`)).rows;

describe('a sign-in', () => {
  it('gives a token of the life that is set, which the published keys verify, and one to refresh it', async () => {
    const answer = await post(0, 'token', { ...ada, email: 'ADA@example.com' });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 1_200,
      refreshToken: expect.stringMatching(/^[\da-f-]{36}\.[\w-]{22}\.[\w-]{43}$/),
    });
    const { accessToken } = answer.json<Tokens>();
    const { exp = 0, iat = 0, sub } = decodeJwt(accessToken);
    expect(exp - iat).toBe(1_200);
    expect(await verifierAt(() => at(1)).verify(accessToken)).toMatchObject({
      id: sub,
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      roles: ['customer'],
      session: expect.any(String),
    });
  });

  it('makes an operator of an account that the settings name', async () => {
    const { accessToken } = await signIn(0, { email: grace.email, password: 'waybill' });
    expect(await verifierAt(() => at(1)).verify(accessToken)).toMatchObject({
      id: grace.id,
      roles: ['customer', 'operator'],
    });
  });

  it('is of the development users that are set', async () => {
    const { accessToken } = await signIn(1, { email: hedy.email, password: 'waybill' });
    expect(decodeJwt(accessToken).sub).toBe(hedy.id);
  });

  it('stores no refresh token in plain', async () => {
    const { refreshToken } = await signIn();
    const [, ...secrets] = refreshToken.split('.');
    const { rows } = await database.pool.query(`select sessions::text as row from sessions`);
    for (const secret of secrets) expect(rows.some(({ row }) => row.includes(secret))).toBe(false);
  });

  it.each([
    ['ada@example.com', 'waybil'],
    ['nobody@example.com', 'waybill'],
  ])('refuses %s with %s alike', async (email, password) => {
    const answer = await post(0, 'token', { email, password });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({
      code: 'invalid_credentials',
      detail: 'e-mail or password is wrong',
    });
  });

  it('lets an account be tried five times a minute, at all replicas together', async () => {
    const guess = { email: 'guessed@example.com', password: 'guess' };
    for (let i = 0; i < 5; i += 1) expect((await post(i, 'token', guess)).statusCode).toBe(401);
    for (let i = 0; i < 2; i += 1) {
      const answer = await post(i, 'token', guess);
      expect([answer.statusCode, answer.json().code]).toEqual([429, 'too_many_tries']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    await signIn(0);
  });

  it('counts wrong passwords that come at the same time, and refuses no right ones', async () => {
    const guess = { email: grace.email, password: 'guess' };
    const many = await Promise.all(Array.from({ length: 12 }, () => post(0, 'token', guess)));
    expect(many.map(({ statusCode }) => statusCode).sort()).toEqual([
      ...Array(5).fill(401),
      ...Array(7).fill(429),
    ]);
    const right = await Promise.all(Array.from({ length: 12 }, (_, n) => post(n, 'token', ada)));
    expect(new Set(right.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  });
});

describe('a refresh token', () => {
  it('is replaced at any replica', async () => {
    let tokens = await signIn();
    for (let n = 1; n <= 4; n += 1) {
      const answer = await refresh(n, tokens);
      expect([answer.statusCode, answer.body]).toEqual([200, expect.anything()]);
      expect(answer.json().refreshToken).not.toBe(tokens.refreshToken);
      tokens = answer.json();
    }
    expect(await verifierAt(() => at(0)).verify(tokens.accessToken)).toMatchObject({
      email: ada.email,
    });
  });

  it('is valid for the life that is set, from the last time that it was replaced', async () => {
    const tokens = await signIn();
    const [id] = tokens.refreshToken.split('.');
    const pass = (time: string) =>
      database.pool.query(
        `update sessions set expires_at = (expires_at::timestamptz - $2::interval) where id = $1`,
        [id, time],
      );
    await pass('71 hours');
    const next = await refresh(0, tokens);
    expect(next.statusCode).toBe(200);
    await pass('71 hours');
    const last = await refresh(1, next.json<Tokens>());
    expect(last.statusCode).toBe(200);
    await pass('73 hours');
    expect((await refresh(0, last.json<Tokens>())).statusCode).toBe(401);
  });

  it('that comes again ends its session, and no token of it is valid any more', async () => {
    const first = await signIn();
    const second = (await refresh(0, first)).json<Tokens>();
    const again = await refresh(1, first);
    expect([again.statusCode, again.json().code]).toEqual([401, 'invalid_refresh_token']);
    expect(again.headers['www-authenticate']).toBe('Bearer realm="waybill"');
    expect((await refresh(0, second)).statusCode).toBe(401);
    expect((await sessionRows('end_reason')).at(-1)).toEqual({ end_reason: 'reused' });
    await signIn();
  });

  it.each([1, 2])(
    'of many requests at once to %i replicas goes to one, and stays usable',
    async (of) => {
      const first = await signIn();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => refresh(n % of, first)),
      );
      const statuses = answers.map(({ statusCode }) => statusCode);
      const winners = answers.filter(({ statusCode }) => statusCode === 200);
      expect(winners.length).toBe(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(19);
      if (of === 1) expect((await refresh(0, winners[0]?.json() as Tokens)).statusCode).toBe(200);
    },
  );

  it('of an inactive customer is not used up', async () => {
    const tokens = await signIn();
    const status = (to: string) =>
      database.pool.query('update customer_accounts set status = $1 where id = $2', [
        to,
        decodeJwt(tokens.accessToken).sub,
      ]);
    await status('inactive');
    for (const answer of [await refresh(0, tokens), await post(0, 'token', ada)]) {
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'customer_inactive']);
    }
    await status('active');
    expect((await refresh(0, tokens)).statusCode).toBe(200);
  });

  it.each([
    '-',
    'x'.repeat(200),
    `00000000-0000-0000-0000-000000000000.${'A'.repeat(22)}.${'A'.repeat(43)}`,
    `01980000-0000-7000-8000-000000000000.${'A'.repeat(22)}.${'A'.repeat(43)}`,
    "01980000-0000-7000-8000-000000000000'--.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ])('that was never given is refused: %s', async (refreshToken) => {
    expect((await post(0, 'refresh', { refreshToken })).statusCode).toBe(401);
    expect((await post(0, 'logout', { refreshToken })).statusCode).toBe(204);
  });

  it('that somebody made up for a session whose id is known ends nothing', async () => {
    const tokens = await signIn();
    const [id, ...secrets] = tokens.refreshToken.split('.');
    const made = secrets.map(({ length }) => 'A'.repeat(length));
    const refreshToken = [id, ...made].join('.');
    expect((await post(0, 'refresh', { refreshToken })).statusCode).toBe(401);
    expect((await post(0, 'logout', { refreshToken })).statusCode).toBe(204);
    expect((await refresh(0, tokens)).statusCode).toBe(200);
  });

  it.each([
    [undefined, ''],
    [{}, '/refreshToken'],
    [{ refreshToken: 7 }, '/refreshToken'],
    [{ refreshToken: '' }, '/refreshToken'],
    [{ refreshToken: 'x'.repeat(201) }, '/refreshToken'],
    [{ refreshToken: ['x'] }, '/refreshToken'],
    [{ refreshToken: 'x', customerId: 'ops' }, '/customerId'],
  ])('has the form of its schema, unlike %j', async (payload, path) => {
    const answer = await post(0, 'refresh', payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors.map((error: { path: string }) => error.path)).toContain(path);
  });
});

describe('a sign-out', () => {
  it('ends the session of the bearer token at every replica, and of no other', async () => {
    const [mine, other] = [await signIn(), await signIn()];
    for (let n = 0; n < 2; n += 1) {
      const answer = await post(n, 'logout', undefined, mine.accessToken);
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
    }
    expect((await refresh(1, mine)).statusCode).toBe(401);
    expect((await refresh(1, other)).statusCode).toBe(200);
  });

  it('takes the refresh token instead, also one that was used before', async () => {
    const first = await signIn();
    const second = (await refresh(0, first)).json<Tokens>();
    expect((await post(0, 'logout', { refreshToken: first.refreshToken })).statusCode).toBe(204);
    expect((await refresh(1, second)).statusCode).toBe(401);
    expect((await sessionRows('end_reason')).at(-1)).toEqual({ end_reason: 'signed_out' });
  });

  it('needs one of them, and a good one', async () => {
    for (const token of [undefined, 'nonsense']) {
      const answer = await post(0, 'logout', undefined, token);
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'unauthorized']);
    }
    expect((await post(0, 'logout', { refreshToken: null })).statusCode).toBe(400);
  });
});

describe('the keys that sign', () => {
  it('are kept wrapped, and published without their private part', async () => {
    const { keys } = (await at(0).app.inject('/.well-known/jwks.json')).json();
    expect(Object.keys(keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const { rows } = await database.pool.query('select private_key from signing_keys');
    expect(rows.every(({ private_key }) => /^eyJ[\w-]+\.\./.test(private_key))).toBe(true);
  });

  it('are replaced by operators alone', async () => {
    const { accessToken } = await signIn();
    expect((await post(0, 'keys/rotate')).statusCode).toBe(401);
    expect((await post(0, 'keys/rotate', undefined, accessToken)).statusCode).toBe(403);
  });

  it('change under load without a valid token that is refused', async () => {
    const ops = await signIn(0, { ...ada, email: 'ops@example.com' });
    const verifiers = [verifierAt(() => at(0)), verifierAt(() => at(1))];
    let tokens = await signIn();
    const before = kidOf(tokens);
    const kept = tokens.accessToken;
    for (const verifier of verifiers) await verifier.verify(kept);
    const rotated = await Promise.all(
      Array.from({ length: 6 }, (_, n) => post(n, 'keys/rotate', undefined, ops.accessToken)),
    );
    const [{ kid }] = rotated.map((answer) => answer.json());
    expect(new Set(rotated.map((answer) => answer.json().kid))).toEqual(new Set([kid]));

    let verified = 0;
    // On a slow machine the new key may sign from the first refresh on.
    const kids = new Set([before]);
    for (let n = 0; n < 2 || !kids.has(kid); n += 1) {
      const answer = await refresh(n, tokens);
      expect(answer.statusCode).toBe(200);
      tokens = answer.json();
      kids.add(kidOf(tokens));
      for (const verifier of verifiers) {
        for (const token of [tokens.accessToken, kept]) {
          expect(await verifier.verify(token)).toMatchObject({ email: ada.email });
          verified += 1;
        }
      }
    }
    expect(kids).toEqual(new Set([before, kid]));
    expect(verified).toBeGreaterThan(4);
    // A verifier that starts now still knows the old key.
    await verifierAt(() => at(1)).verify(kept);
  }, 60_000);

  it('are forgotten once their last token has expired, and replaced when they are old', async () => {
    const keys = at(0).app.get(SigningKeys);
    const ids = async () =>
      (await database.pool.query('select id from signing_keys order by signs_from')).rows.map(
        ({ id }) => id,
      );
    const [old, current] = await ids();
    await keys.tend();
    expect(await ids()).toEqual([old, current]);
    await database.pool.query(
      `update signing_keys set signs_from = signs_from - interval '1 hour'`,
    );
    await keys.tend();
    expect(await ids()).toEqual([current]);
    const age = (days: number) =>
      database.pool.query(
        `update signing_keys set created_at = created_at - $1 * interval '1 day'`,
        [days],
      );
    await age(39);
    await keys.tend();
    expect(await ids()).toEqual([current]);
    await age(2);
    await Promise.all(replicas.map(({ app }) => app.get(SigningKeys).tend()));
    const [kept, next, ...others] = await ids();
    expect([kept, others]).toEqual([current, []]);
    expect(next).toBeDefined();
  });
});

it('keeps its invariants', async () => {
  expect(await customerInvariants(database.dataSource)).toEqual([]);
});
