import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client as Database } from 'pg';
import { Client } from '../system/client.ts';
import { partsOf } from '../system/forged-token.ts';
import type { ProcessSystem } from '../system/process-system.ts';
import { SecondGateway } from '../system/second-gateway.ts';
import { developmentUsers } from '../system/users.ts';

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
  private turn: number;

  constructor(
    private readonly doors: readonly Client[],
    public tokens: Tokens,
    turn: number,
  ) {
    this.turn = turn;
  }

  get kid(): string {
    return (partsOf(this.tokens.accessToken).header as { kid: string }).kid;
  }

  /** The status of the bearer token at a gateway. */
  async look(): Promise<number> {
    const { status } = await this.door()
      .with(this.tokens.accessToken)
      .get('/api/v1/orders?limit=1');
    return status;
  }

  /** Throws if the session ended although no response was lost. */
  async refresh(): Promise<void> {
    const { refreshToken } = this.tokens;
    const answer = await this.door()
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

  private door(): Client {
    this.turn += 1;
    return this.doors[this.turn % this.doors.length] as Client;
  }
}

/** Access with two gateways and two processes of customer. */
export function replicatedAccessTests(system: () => ProcessSystem): void {
  let second: SecondGateway;
  beforeAll(async () => {
    second = await SecondGateway.start(system());
  });
  afterAll(() => second?.stop());
  const doors = (): readonly Client[] => [new Client(system().url), new Client(second.url)];

  const signIn = async (turn: number): Promise<Session> => {
    const all = doors();
    const { body } = await (all[turn % all.length] as Client).post<Tokens>(
      '/api/v1/auth/token',
      developmentUsers.ada,
    );
    return new Session(all, body, turn);
  };

  it('a new key signs without a valid token that any process refuses', async () => {
    const ops = await system().as('ops');
    const session = await signIn(0);
    const kept = await signIn(1);
    const { data } = await ops.api.POST('/api/v1/auth/keys/rotate', {});
    const kids = new Set([session.kid]);
    for (let n = 0; n < 4 || !kids.has(data?.kid ?? ''); n += 1) {
      await session.refresh();
      kids.add(session.kid);
      expect([await session.look(), await session.look(), await kept.look()]).toEqual([
        200, 200, 200,
      ]);
    }
    expect(kids.size).toBe(2);
  });

  it('each session goes on or is over, however often customer is killed, and known tokens stay good', async () => {
    const sessions = await Promise.all(Array.from({ length: 16 }, (_, n) => signIn(n)));
    let killing = true;
    const refreshing = sessions.map(async (session) => {
      while (killing && !session.over) {
        await session.refresh();
        expect(await session.look()).toBe(200);
      }
    });
    const kills = async (): Promise<void> => {
      for (let n = 0; n < 4; n += 1) {
        const replica = 1 + (n % 2);
        const before = system().pid('customer', replica);
        await system().kill('customer', replica);
        await system().restarted('customer', replica, before);
      }
      killing = false;
    };
    await Promise.all([...refreshing, kills()]);

    for (const session of sessions.filter(({ over }) => !over)) await session.refresh();
    const alive = sessions.filter(({ over }) => !over);
    expect(alive.length).toBeGreaterThan(0);
    const ended = await endedSessions();
    for (const session of sessions) {
      const id = session.tokens.refreshToken.split('.', 1)[0] ?? '';
      expect([id, ended.has(id)]).toEqual([id, session.over]);
    }
    // Every token that was used ends its session, and none gives another.
    const [door] = doors();
    for (const { used, tokens } of alive) {
      for (const refreshToken of [used[0], tokens.refreshToken]) {
        const answer = await door?.post('/api/v1/auth/refresh', { refreshToken });
        expect(answer?.status).toBe(401);
      }
    }
  });

  it('tokens with known keys are taken while all of customer is away', async () => {
    const session = await signIn(0);
    expect([await session.look(), await session.look()]).toEqual([200, 200]);
    for (const replica of [1, 2]) await system().killForGood('customer', replica);
    const ada = await system().as('ada');
    expect((await ada.buy()).status).toBe('confirmed');
    expect([await session.look(), await session.look()]).toEqual([200, 200]);
    for (const replica of [1, 2]) {
      system().release('customer', replica);
      await system().restarted('customer', replica, undefined);
    }
    await session.refresh();
    expect(await session.look()).toBe(200);
  });

  async function endedSessions(): Promise<ReadonlySet<string>> {
    const database = new Database({ connectionString: system().databases['customer'] });
    await database.connect();
    try {
      const { rows } = await database.query('select id from sessions where ended_at is not null');
      return new Set(rows.map(({ id }) => id));
    } finally {
      await database.end();
    }
  }
}
