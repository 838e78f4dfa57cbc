import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

const client = 'shop';
const back = 'https://shop.example.com/back';
const resource = 'urn:waybill';

/** The tokens of a user. */
export interface OidcTokens {
  readonly access_token: string;
  readonly id_token: string;
}

/** A certified OpenID Connect issuer. It signs in whoever asks, and names roles in the claim `realm.roles`. */
export class OidcIssuer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** `audience` is for whom its access tokens are. */
  static async start(
    rolesOf: (user: string) => readonly string[],
    audience: string,
  ): Promise<OidcIssuer> {
    let serve = (_: IncomingMessage, response: ServerResponse): void => void response.end();
    const server = createServer((request, response) => serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(url, configuration(rolesOf, audience));
    const answer = provider.callback();
    serve = (request, response) =>
      void (request.url?.startsWith('/interaction/')
        ? signInAtOnce(provider, request, response)
        : answer(request, response));
    return new OidcIssuer(server, url);
  }

  /** Signs a user in by the authorization code flow with PKCE, as a browser does. */
  async signIn(user: string): Promise<OidcTokens> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: client,
      response_type: 'code',
      scope: 'openid orders',
      login_hint: user,
      redirect_uri: back,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const code = await this.followed(`${this.url}/auth?${query}`);
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client,
      code,
      code_verifier: verifier,
      redirect_uri: back,
    });
    const response = await fetch(`${this.url}/token`, { method: 'POST', body });
    return (await response.json()) as OidcTokens;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Follows redirects with their cookies; resolves with the code that the shop gets. */
  private async followed(start: string): Promise<string> {
    const cookies = new Map<string, string>();
    let at = start;
    while (at.startsWith(this.url)) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const next = response.headers.get('location');
      if (!next) throw new Error(`${at}: ${response.status} ${await response.text()}`);
      at = new URL(next, this.url).href;
    }
    return new URL(at).searchParams.get('code') ?? '';
  }
}

const configuration = (rolesOf: (user: string) => readonly string[], audience: string): object => ({
  clients: [
    {
      client_id: client,
      token_endpoint_auth_method: 'none',
      redirect_uris: [back],
      grant_types: ['authorization_code'],
    },
  ],
  findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
  // Its defaults are announced on the console.
  ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'orders',
        audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
      }),
    },
  },
  extraTokenClaims: (_: unknown, { accountId }: { accountId: string }) => ({
    realm: { roles: rolesOf(accountId) },
    name: accountId,
    // Some issuers let several users have one address.
    email: `${accountId.split('-')[0]}@issuer.example`,
  }),
});

async function signInAtOnce(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const login = { accountId: params.login_hint };
    return provider.interactionFinished(request, response, { login });
  }
  const grant = new provider.Grant({ accountId: session?.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid');
  grant.addResourceScope(resource, 'orders');
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent });
}
