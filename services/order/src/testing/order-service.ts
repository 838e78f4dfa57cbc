import { type Broker, oneBroker } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import type { TestDatabase } from '@waybill/testing';
import { OrderModule } from '../order.module.ts';

/** Starts the service with its neighbours on one broker. A token is the name of its user; `ops` is an operator. */
export const startOrders = (
  broker: Broker,
  database: TestDatabase,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningService> =>
  startService(OrderModule, {
    brokers: oneBroker(broker),
    migrate: true,
    exclusive: true,
    listen: null,
    tokenVerifier: {
      verify: (token) => ({
        id: token,
        name: token,
        email: `${token}@example.com`,
        roles: [token === 'ops' ? 'operator' : 'customer'],
      }),
    },
    env: {
      DATABASE_URL: database.url,
      LOG_LEVEL: 'silent',
      SERVICE_SECRET: 'a-secret-for-tests-of-32-characters-or-more',
      ...env,
    },
  });
