export { RedisBroker, type RedisState, redisBroker } from './redis-broker.ts';
export { RedisCommands, redisCommands } from './redis-commands.ts';
export { NotPromised } from './redis-errors.ts';
export type { RedisOptions } from './redis-options.ts';
export { type PatternEvents, RedisPattern } from './redis-pattern.ts';
export { type PoolUse, RedisPool } from './redis-pool.ts';
