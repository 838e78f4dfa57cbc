import { Body, Controller, Get, Header, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { Answers, Refuses } from '../docs/answers.ts';
import { Problem } from '../problem.ts';
import { Tokenless } from './caller.ts';
import { DevelopmentIssuer, type IssuedToken } from './development-issuer.ts';
import { SignInLimit } from './sign-in-limit.ts';

const credentials = z
  .strictObject({ email: z.email().max(320), password: z.string().min(1).max(200) })
  .meta({ id: 'Credentials' });

const issuedToken = z
  .strictObject({
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().min(1).meta({ description: 'Seconds' }),
  })
  .meta({ id: 'IssuedToken' });

const keySet = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.string(),
      crv: z.string(),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      alg: z.string(),
      use: z.string(),
    }),
  ),
});

/** Signs in the users of the development issuer. Mounted only if there is one. */
@ApiTags('Access')
@Controller()
export class TokenController {
  private readonly limit: SignInLimit;

  constructor(
    private readonly issuer: DevelopmentIssuer,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.limit = new SignInLimit(clock);
  }

  @Tokenless()
  @Post('api/v1/auth/token')
  @ApiOperation({ summary: 'A token for a user of the development issuer' })
  @Answers(200, issuedToken, 'The token')
  @Refuses(401, 'invalid_credentials')
  @Refuses(429, 'too_many_tries')
  @Header('cache-control', 'no-store')
  async issue(
    @Body({ schema: credentials }) { email, password }: z.output<typeof credentials>,
  ): Promise<IssuedToken> {
    const token = await this.limit.try(email.toLowerCase(), () =>
      this.issuer.signIn(email, password),
    );
    if (token) return token;
    throw new Problem(401, 'invalid_credentials', 'e-mail or password is wrong', {
      headers: { 'www-authenticate': 'Bearer realm="waybill"' },
    });
  }

  @Tokenless()
  @Get('.well-known/jwks.json')
  @ApiOperation({ summary: 'The public keys by which tokens are verified' })
  @Answers(200, keySet, 'A JSON Web Key Set (RFC 7517)')
  keys(): JSONWebKeySet {
    return this.issuer.jwks();
  }
}
