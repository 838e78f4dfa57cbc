export { atOnce, liveMessage, publish, until } from './live.fixture.ts';
export { OwnRedis } from './own-redis.ts';
