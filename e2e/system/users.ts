import { Client } from './client.ts';

export type User = 'ada' | 'grace' | 'ops';

/** The people who use a system, each signed in once: a token outlives a restart. */
export class Users {
  private readonly tokens = new Map<User, Promise<string>>();

  constructor(private readonly url: () => string) {}

  async as(user: User): Promise<Client> {
    const token = this.tokens.get(user) ?? this.signIn(`${user}@example.com`);
    this.tokens.set(user, token);
    return new Client(this.url(), await token);
  }

  anonymous(): Client {
    return new Client(this.url());
  }

  private async signIn(email: string): Promise<string> {
    const answer = await this.anonymous().post<{ accessToken: string }>('/api/v1/auth/token', {
      email,
      password: 'waybill',
    });
    if (answer.status !== 200) throw new Error(`${email}: ${answer.bytes.toString()}`);
    return answer.body.accessToken;
  }
}
