import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { momentText, newId } from '@waybill/contracts';
import { Problem } from '@waybill/http';
import { CLOCK, type Clock, type SubmitOptions, Submitter } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { Repository } from 'typeorm';
import type { CustomerConfig } from '../customer.config.ts';
import type { Refreshed } from '../domain/session.ts';
import { EndSession, RefreshSession, StartSession } from '../messages/session.local.ts';
import { PersonalData } from '../personal-data.ts';
import { SessionEntity } from '../storage/access.entities.ts';
import { type AccountHolder, Credentials } from '../storage/credentials.repository.ts';
import { SignInLimit } from './sign-in-limit.ts';
import { TokenIssuer } from './token-issuer.ts';

/** The response to a sign-in and to a refresh. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
}

/** The id of its session, the secret that its family shares, and one of its own. */
const refreshTokenForm =
  /^([\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12})\.([\w-]{22})\.[\w-]{43}$/;

/** Signs customers in and out. */
@Injectable()
export class Sessions {
  /** Refresh tokens that are being replaced in this process, by their hash. */
  private readonly replacing = new Map<string, Promise<unknown>>();

  constructor(
    private readonly credentials: Credentials,
    private readonly personal: PersonalData,
    private readonly limit: SignInLimit,
    private readonly tokens: TokenIssuer,
    private readonly submitter: Submitter,
    @InjectRepository(SessionEntity) private readonly sessions: Repository<SessionEntity>,
    @Inject(CONFIG) private readonly config: CustomerConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Starts a session; null when e-mail or password is wrong. */
  async signIn(
    email: string,
    password: string,
    trace: SubmitOptions,
  ): Promise<IssuedTokens | null> {
    const holder = await this.limit.try(await this.personal.hashOf(email), () =>
      this.credentials.verify(email, password),
    );
    if (!holder) return null;
    refuseInactive(holder);
    const sessionId = newId(this.clock.now());
    const family = secretOf(16);
    const refreshToken = nextToken(`${sessionId}.${family}`);
    const { customerId } = holder;
    const hashes = { familyHash: hashOf(family), tokenHash: hashOf(refreshToken) };
    const expiresAt = this.expiry();
    await this.submitter.submit(
      StartSession({ sessionId, customerId, ...hashes, expiresAt }),
      trace,
    );
    return { ...(await this.tokens.issue(holder, sessionId)), refreshToken };
  }

  /**
   * Replaces a refresh token; null when it is not valid. A token that was used before ends its session. Of requests with the same
   * token that overlap, one gets the next token, and the others null without an end of the session.
   */
  async refresh(refreshToken: string, trace: SubmitOptions): Promise<IssuedTokens | null> {
    const tokenHash = hashOf(refreshToken);
    const earlier = this.replacing.get(tokenHash);
    if (earlier) {
      await earlier.catch(() => undefined);
      return null;
    }
    const replaced = this.replace(refreshToken, tokenHash, trace);
    this.replacing.set(tokenHash, replaced);
    try {
      return await replaced;
    } finally {
      this.replacing.delete(tokenHash);
    }
  }

  /** Ends a session; one that has ended, or never was, stays as it is. */
  async end(sessionId: string, trace: SubmitOptions): Promise<void> {
    await this.submitter.submit(EndSession({ sessionId }), trace);
  }

  /** The session that gave a refresh token, now or before; null for a token that no session gave. */
  async sessionOf(refreshToken: string): Promise<SessionEntity | null> {
    const [, id, family] = refreshTokenForm.exec(refreshToken) ?? [];
    const session = id ? await this.sessions.findOneBy({ id }) : null;
    return session && family && session.familyHash === hashOf(family) ? session : null;
  }

  private async replace(
    refreshToken: string,
    tokenHash: string,
    trace: SubmitOptions,
  ): Promise<IssuedTokens | null> {
    const session = await this.sessionOf(refreshToken);
    if (!session) return null;
    const holder = await this.credentials.holder(session.customerId);
    if (!holder) return null;
    refuseInactive(holder);
    const next = nextToken(refreshToken.slice(0, refreshToken.lastIndexOf('.')));
    const outcome = await this.submitter.submit<Refreshed['outcome']>(
      RefreshSession({
        sessionId: session.id,
        tokenHash,
        nextTokenHash: hashOf(next),
        wasValid: session.tokenHash === tokenHash,
        expiresAt: this.expiry(),
      }),
      trace,
    );
    if (outcome !== 'refreshed') return null;
    return { ...(await this.tokens.issue(holder, session.id)), refreshToken: next };
  }

  private expiry(): string {
    return momentText(new Date(this.clock.now().getTime() + this.config.refreshTokenLife));
  }
}

const secretOf = (bytes: number): string => randomBytes(bytes).toString('base64url');

/** `family` is the part that all refresh tokens of a session share. */
const nextToken = (family: string): string => `${family}.${secretOf(32)}`;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

function refuseInactive({ status }: AccountHolder): void {
  if (status !== 'active') throw new Problem(403, 'customer_inactive', 'this account is inactive');
}
