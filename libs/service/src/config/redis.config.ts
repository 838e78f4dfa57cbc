import { z } from 'zod';
import { namespace } from '../brokers/broker-settings.config.ts';

/** Variables of a service that uses Redis if one is configured; spread them into the schema of its settings. */
export const redisVariables = {
  /** Where Redis is, with user and password; without it the process does without. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'is a URL such as redis://user:password@host:6379')
    .optional(),
  /** A PEM file of the authorities to trust instead of those of Node. */
  REDIS_CA_FILE: z.string().min(1).optional(),
  /** Milliseconds until a command without a response has failed; default 1,000. */
  REDIS_COMMAND_MS: z.coerce.number().int().min(1_000).max(60_000).optional(),
  /** The first part of the names of keys and channels. */
  BROKER_NAMESPACE: namespace.optional(),
};

/** The address of Redis; null if none is configured. */
export type RedisSettings = {
  readonly url: string;
  readonly caFile?: string;
  readonly commandMs?: number;
  readonly namespace?: string;
} | null;

/** Converts these variables to settings. */
export function redisSettings(env: {
  readonly REDIS_URL?: string | undefined;
  readonly REDIS_CA_FILE?: string | undefined;
  readonly REDIS_COMMAND_MS?: number | undefined;
  readonly BROKER_NAMESPACE?: string | undefined;
}): RedisSettings {
  if (env.REDIS_URL === undefined) return null;
  return {
    url: env.REDIS_URL,
    ...(env.REDIS_CA_FILE === undefined ? {} : { caFile: env.REDIS_CA_FILE }),
    ...(env.REDIS_COMMAND_MS === undefined ? {} : { commandMs: env.REDIS_COMMAND_MS }),
    ...(env.BROKER_NAMESPACE === undefined ? {} : { namespace: env.BROKER_NAMESPACE }),
  };
}
