import { shortestMasterKey } from '@waybill/encryption';
import { developmentUsers } from '@waybill/http';
import { secret, timeSpan } from '@waybill/service';
import { z } from 'zod';

/** Longer than every verifier takes to read the published keys again. */
const notice = timeSpan.refine((span) => span <= 86_400_000, 'is at most a day');
const tokenLife = timeSpan.refine(
  (span) => span >= 10_000 && span <= 86_400_000,
  'is 10 seconds to a day',
);

const operatorIds = z
  .string()
  .prefault('')
  .transform((ids) => ids.split(',').map((id) => id.trim()))
  .transform((ids) => ids.filter((id) => id !== ''))
  .pipe(z.array(z.uuid().toLowerCase()));

/** The settings of customer. The users are seeded into a system that is not deployed. */
export const customerConfig = z
  .object({
    /** Users that are seeded into a system that is not deployed. */
    DEVELOPMENT_USERS: developmentUsers,
    /** Texts of at least 32 characters, separated by commas; the first wraps keys, the others still unwrap. */
    ENCRYPTION_KEYS: secret('waybill-development-encryption-key'),
    /** Ids of accounts, separated by commas, whose tokens are those of operators. */
    OPERATORS: operatorIds,
    /** How long a bearer token is valid. */
    ACCESS_TOKEN_LIFE: tokenLife.prefault('15m'),
    /** How long a refresh token is valid. */
    REFRESH_TOKEN_LIFE: timeSpan.prefault('30d'),
    /** After which time the key that signs tokens is replaced. */
    SIGNING_KEY_LIFE: timeSpan.prefault('30d'),
    /** How long a new key is published before it signs. */
    SIGNING_KEY_NOTICE: notice.prefault('5m'),
  })
  .superRefine((env, context) => {
    const keys = env.ENCRYPTION_KEYS.split(',').map((each) => each.trim());
    if (keys.every(({ length }) => length >= shortestMasterKey)) return;
    const message = `is no list of texts of at least ${shortestMasterKey} characters`;
    context.addIssue({ code: 'custom', path: ['ENCRYPTION_KEYS'], message });
  })
  .transform((env) => ({
    users: env.DEVELOPMENT_USERS,
    encryptionKeys: env.ENCRYPTION_KEYS,
    operators: env.OPERATORS,
    accessTokenLife: env.ACCESS_TOKEN_LIFE,
    refreshTokenLife: env.REFRESH_TOKEN_LIFE,
    signingKeys: { life: env.SIGNING_KEY_LIFE, notice: env.SIGNING_KEY_NOTICE },
  }));
export type CustomerConfig = z.output<typeof customerConfig>;
