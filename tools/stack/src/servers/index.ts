import type { ServerName } from '../server-name.ts';
import { kafka } from './kafka.ts';
import { postgres } from './postgres.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import type { Server } from './server.ts';
import { snsSqs } from './sns-sqs.ts';

/** Every server of the stack by name. */
export const servers: Readonly<Record<ServerName, Server>> = {
  postgres,
  redis,
  rabbitmq,
  kafka,
  'sns-sqs': snsSqs,
};
