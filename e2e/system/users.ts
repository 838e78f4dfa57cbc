import { Client, type ClientOptions } from './client.ts';

export type User = 'ada' | 'grace' | 'ops';

/** The credentials of a user. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** The users of every development system: two customers and an operator. */
export const developmentUsers: Readonly<Record<User, Credentials>> = {
  ada: { email: 'ada@example.com', password: 'waybill' },
  grace: { email: 'grace@example.com', password: 'waybill' },
  ops: { email: 'ops@example.com', password: 'waybill' },
};

/** The users of a system, each signed in once: tokens stay valid after a restart. */
export class Users {
  private readonly tokens = new Map<User, Promise<string>>();

  constructor(
    private readonly url: () => string,
    private readonly credentials = developmentUsers,
    private readonly options: () => ClientOptions = () => ({}),
  ) {}

  async as(user: User): Promise<Client> {
    const token = this.tokens.get(user) ?? this.signIn(this.credentials[user]);
    this.tokens.set(user, token);
    // A sign-in that failed, because the database was away, is tried again.
    token.catch(() => this.tokens.delete(user));
    return this.anonymous().with(await token);
  }

  anonymous(): Client {
    return new Client(this.url(), null, this.options());
  }

  private async signIn(credentials: Credentials): Promise<string> {
    const { api } = this.anonymous();
    const { data, error } = await api.POST('/api/v1/auth/token', { body: credentials });
    if (!data) throw new Error(`${credentials.email}: ${error.detail}`);
    return data.accessToken;
  }
}
