export { RedisBroker, type RedisState, redisBroker } from './redis-broker.ts';
export { RedisCommands, redisCommands } from './redis-commands.ts';
export { NotPromised } from './redis-errors.ts';
export type { RedisOptions } from './redis-options.ts';
