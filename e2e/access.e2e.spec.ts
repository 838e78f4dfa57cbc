import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { customerInvariants } from '@waybill/customer';
import { AccessSystem } from './system/access-system.ts';
import { Client, type ProblemView } from './system/client.ts';
import { eventually } from './system/eventually.ts';
import { partsOf } from './system/forged-token.ts';
import { developmentUsers } from './system/users.ts';

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A client that goes to the gateways in turn, keeps a session alive, and forgets no token. */
class Session {
  readonly used: string[] = [];
  /** Whether a response was lost, so that the next refresh may come with a token that was used. */
  private lost = false;
  over = false;

  constructor(
    private readonly doors: readonly Client[],
    public tokens: Tokens,
    private turn: number,
  ) {}

  static async begin(doors: readonly Client[], user: keyof typeof developmentUsers, turn: number) {
    const door = doors[turn % doors.length] as Client;
    const answer = await door.post<Tokens>('/api/v1/auth/token', developmentUsers[user]);
    expect(answer.status).toBe(200);
    return new Session(doors, answer.body, turn);
  }

  get kid(): string {
    return (partsOf(this.tokens.accessToken).header as { kid: string }).kid;
  }

  get id(): string {
    return this.tokens.refreshToken.split('.', 1)[0] ?? '';
  }

  /** Shows the bearer token to a route of a gateway, whose body is then refused: 400, or 401 or 403 for the token. */
  async show(door = this.next()): Promise<number> {
    const path = '/api/v1/shipping/quotes/stream';
    return (await door.with(this.tokens.accessToken).post(path, {})).status;
  }

  /** Throws if the session ended although no response was lost. */
  async refresh(): Promise<void> {
    const { refreshToken } = this.tokens;
    const answer = await this.next()
      .post<Tokens>('/api/v1/auth/refresh', { refreshToken })
      .catch(() => undefined);
    if (answer?.status === 200) {
      this.used.push(refreshToken);
      this.tokens = answer.body;
      this.lost = false;
    } else if (answer?.status === 401) {
      if (!this.lost) throw new Error('a session ended for no reason');
      this.over = true;
    } else {
      expect([undefined, 502, 503, 504]).toContain(answer?.status);
      this.lost = true;
    }
  }

  private next(): Client {
    this.turn += 1;
    return this.doors[this.turn % this.doors.length] as Client;
  }
}

describe('access with two gateways and two processes of customer', () => {
  let system: AccessSystem;
  let doors: readonly Client[];
  beforeAll(async () => {
    system = await AccessSystem.start({ SIGNING_KEY_NOTICE: '2s' });
    doors = system.doors.map((url) => new Client(url));
  }, 120_000);
  afterAll(() => system?.dispose());

  const begin = (user: keyof typeof developmentUsers, turn = 0) => Session.begin(doors, user, turn);

  it('a new key signs without a valid token that a gateway refuses', async () => {
    const ops = await begin('ops');
    const [session, kept] = [await begin('ada'), await begin('ada', 1)];
    const rotated = await (doors[0] as Client)
      .with(ops.tokens.accessToken)
      .post<{ kid: string }>('/api/v1/auth/keys/rotate', undefined);
    const kids = new Set([session.kid]);
    for (let n = 0; n < 4 || !kids.has(rotated.body.kid); n += 1) {
      await session.refresh();
      kids.add(session.kid);
      const shown = [await session.show(), await session.show(), await kept.show()];
      expect(shown).toEqual([400, 400, 400]);
    }
    expect(kids.size).toBe(2);
  }, 60_000);

  it('each session goes on or is over, however often customer is killed, and known tokens stay good', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, (_, n) => begin('ada', n)));
    let killing = true;
    const refreshing = sessions.map(async (session) => {
      while (killing && !session.over) {
        await session.refresh();
        expect(await session.show()).toBe(400);
      }
    });
    const kills = async (): Promise<void> => {
      for (const replica of [0, 1, 0, 1]) {
        await system.kill(replica);
        await system.restart(replica);
      }
      killing = false;
    };
    await Promise.all([...refreshing, kills()]);

    for (const session of sessions.filter(({ over }) => !over)) await session.refresh();
    const alive = sessions.filter(({ over }) => !over);
    expect(alive.length).toBeGreaterThan(0);
    const { rows } = await system.database.pool.query(
      'select id from sessions where ended_at is not null',
    );
    const ended = rows.map(({ id }) => id);
    const expected = sessions.filter(({ over }) => over).map(({ id }) => id);
    expect(ended.sort()).toEqual(expected.sort());
    // A token that was used ends its session, and gives no other.
    for (const { used, tokens } of alive) {
      for (const refreshToken of [used[0], tokens.refreshToken]) {
        const answer = await doors[0]?.post('/api/v1/auth/refresh', { refreshToken });
        expect(answer?.status).toBe(401);
      }
    }
  }, 180_000);

  it('a deactivated customer is refused by every gateway within a second, until active again', async () => {
    const [ops, grace] = [await begin('ops'), await begin('grace')];
    const { sub } = partsOf(grace.tokens.accessToken).claims as { sub: string };
    const become = async (action: string, status: number) => {
      const path = `/api/v1/customers/${sub}/${action}`;
      const answer = await doors[0]?.with(ops.tokens.accessToken).post(path, undefined);
      expect(answer?.status).toBe(200);
      const since = performance.now();
      for (const door of doors) {
        await eventually(`${action}d`, async () => (await grace.show(door)) === status);
      }
      return performance.now() - since;
    };
    // On a busy machine the requests alone may take longer, so one of several changes is enough.
    await eventually('both changes are known within a second', async () => {
      const took = [await become('deactivate', 403), await become('reactivate', 400)];
      return Math.max(...took) < 1_000;
    });
    await become('deactivate', 403);
    for (const door of doors) {
      const { refreshToken } = grace.tokens;
      for (const [path, json] of [
        ['token', developmentUsers.grace],
        ['refresh', { refreshToken }],
      ] as const) {
        const { body } = await door.post<ProblemView>(`/api/v1/auth/${path}`, json);
        expect([path, body.code]).toEqual([path, 'customer_inactive']);
      }
    }
    await become('reactivate', 400);
    await grace.refresh();
    expect(await grace.show()).toBe(400);
  }, 60_000);

  it('tokens with known keys are taken while all of customer is away', async () => {
    const [session, unseen] = [await begin('ada'), await begin('ada')];
    expect([await session.show(), await session.show()]).toEqual([400, 400]);
    for (const replica of [0, 1]) await system.kill(replica);
    for (const each of [session, unseen]) {
      expect([await each.show(), await each.show()]).toEqual([400, 400]);
    }
    for (const replica of [0, 1]) await system.restart(replica);
    await eventually('the session is refreshed', async () => {
      await unseen.refresh();
      return unseen.used.length > 0;
    });
  }, 60_000);

  it('leaves every invariant intact', async () => {
    expect(await customerInvariants(system.database.dataSource)).toEqual([]);
  });
});
