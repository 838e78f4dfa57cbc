import { Body, Controller, Get, Header, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Clock } from '@waybill/messaging';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { CLOCK } from '../tokens.ts';
import { Public } from './caller.ts';
import { DevelopmentIssuer, type IssuedToken } from './development-issuer.ts';
import { SignInLimit } from './sign-in-limit.ts';

const credentials = z
  .strictObject({ email: z.email().max(320), password: z.string().min(1).max(200) })
  .meta({ id: 'Credentials' });

/** Signs in the users of the development issuer. Mounted only where there is one. */
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

  @Public()
  @Post('api/v1/auth/token')
  @HttpCode(200)
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

  @Public()
  @Get('.well-known/jwks.json')
  keys(): JSONWebKeySet {
    return this.issuer.jwks();
  }
}
