import { Body, Controller, Get, Post, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Caller, Problem, Public, Refuses, Roles, Tokenless } from '@waybill/http';
import { Trace } from '@waybill/observability';
import type { JSONWebKeySet } from 'jose';
import type { z } from 'zod';
import { type IssuedTokens, Sessions } from '../access/sessions.ts';
import { SigningKeys } from '../access/signing-keys.ts';
import {
  credentials,
  issuedTokens,
  keySet,
  logoutBody,
  newestKey,
  refreshBody,
} from './access.schema.ts';
import { OwnIssuerGuard } from './own-issuer.guard.ts';

const challenge = { 'www-authenticate': 'Bearer realm="waybill"' };

/** Signs customers and operators in and out. */
@ApiTags('Access')
@UseGuards(OwnIssuerGuard)
@Controller()
export class AccessController {
  constructor(
    private readonly sessions: Sessions,
    private readonly keys: SigningKeys,
  ) {}

  @Tokenless()
  @Post('api/v1/auth/token')
  @ApiOperation({ summary: 'Sign in: a token, and another with which to get the next one' })
  @Answers(200, issuedTokens, 'The tokens')
  @Refuses(401, 'invalid_credentials')
  @Refuses(403, 'customer_inactive')
  @Refuses(429, 'too_many_tries')
  async signIn(
    @Body({ schema: credentials }) { email, password }: z.output<typeof credentials>,
    @Trace() trace: Trace,
  ): Promise<IssuedTokens> {
    const tokens = await this.sessions.signIn(email, password, trace);
    if (tokens) return tokens;
    throw new Problem(401, 'invalid_credentials', 'e-mail or password is wrong', {
      headers: challenge,
    });
  }

  @Tokenless()
  @Post('api/v1/auth/refresh')
  @ApiOperation({
    summary: 'Replace a refresh token, and get a new token',
    description:
      'A refresh token is valid once. One that was used before is 401 and ends its session, because two hold it. Of requests that ' +
      'overlap one gets the next tokens; the others are 401, and the session goes on.',
  })
  @Answers(200, issuedTokens, 'The next tokens')
  @Refuses(401, 'invalid_refresh_token')
  @Refuses(403, 'customer_inactive')
  async refresh(
    @Body({ schema: refreshBody }) { refreshToken }: z.output<typeof refreshBody>,
    @Trace() trace: Trace,
  ): Promise<IssuedTokens> {
    const tokens = await this.sessions.refresh(refreshToken, trace);
    if (tokens) return tokens;
    throw new Problem(
      401,
      'invalid_refresh_token',
      'the refresh token is not valid, was used before, or has expired: sign in again',
      { headers: challenge },
    );
  }

  @Public()
  @Post('api/v1/auth/logout')
  @ApiOperation({
    summary: 'Sign out: end the session of the bearer token, or of a refresh token',
    description: 'Bearer tokens of the session stay valid until they expire.',
  })
  @Answers(204, null, 'The session has ended')
  @Refuses(401, 'unauthorized')
  async signOut(
    @Body({ schema: logoutBody }) body: z.output<typeof logoutBody>,
    @Caller() caller: Caller | null,
    @Trace() trace: Trace,
  ): Promise<void> {
    const refreshToken = body?.refreshToken;
    if (!caller && refreshToken === undefined) {
      throw new Problem(401, 'unauthorized', 'send the bearer token or the refresh token', {
        headers: challenge,
      });
    }
    const ofToken = refreshToken === undefined ? null : await this.sessions.sessionOf(refreshToken);
    const ids = new Set([caller?.session, ofToken?.id].filter((id) => id !== undefined));
    for (const id of ids) await this.sessions.end(id, trace);
  }

  @Tokenless()
  @Get('.well-known/jwks.json')
  @ApiOperation({ summary: 'The public keys by which tokens are verified' })
  @Answers(200, keySet, 'A JSON Web Key Set (RFC 7517)')
  published(): Promise<JSONWebKeySet> {
    return this.keys.jwks();
  }

  @Roles('operator')
  @Post('api/v1/auth/keys/rotate')
  @ApiOperation({
    summary: 'Replace the key that signs tokens',
    description:
      'The new key is published now and signs a little later; tokens of the old one stay valid. While a new key waits to sign, ' +
      'no other is added.',
  })
  @Answers(200, newestKey, 'The newest key')
  async rotate(): Promise<z.output<typeof newestKey>> {
    const { id, signsFrom } = await this.keys.rotate();
    return { kid: id, signsFrom: signsFrom.toISOString() };
  }
}
