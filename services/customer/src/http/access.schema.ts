import { z } from 'zod';

export const credentials = z
  .strictObject({ email: z.email().max(320), password: z.string().min(1).max(200) })
  .meta({ id: 'Credentials' });

const refreshToken = z.string().min(1).max(200);

export const refreshBody = z.strictObject({ refreshToken }).meta({ id: 'Refresh' });

export const logoutBody = z.strictObject({ refreshToken: refreshToken.optional() }).optional();

export const issuedTokens = z
  .strictObject({
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().min(1).meta({ description: 'Seconds' }),
    refreshToken: z.string().meta({ description: 'Valid once, for POST /api/v1/auth/refresh' }),
  })
  .meta({ id: 'IssuedTokens' });

export const keySet = z.strictObject({
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

export const newestKey = z
  .strictObject({
    kid: z.string(),
    signsFrom: z.iso.datetime().meta({ description: 'Until then the key before it signs' }),
  })
  .meta({ id: 'SigningKey' });
