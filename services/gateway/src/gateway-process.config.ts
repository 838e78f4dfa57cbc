import { drainDelay, type Environment, grpcAddress, startPatience } from '@waybill/service';
import { z } from 'zod';

/** The default address of each service: the port of its definition. */
const defaultPorts = {
  order: 8081,
  inventory: 8082,
  payment: 8083,
  shipping: 8084,
  notification: 8085,
  analytics: 8086,
  customer: 8087,
} as const;

/** A service behind the gateway. */
export type ServedName = keyof typeof defaultPorts;
export const servedNames = Object.keys(defaultPorts) as readonly ServedName[];

const oneUrl = z.url({ protocol: /^https?$/, error: 'is no URL such as http://127.0.0.1:8081' });

/** One URL per replica, separated by commas. */
const urls = (name: ServedName) =>
  z
    .string()
    .default(`http://127.0.0.1:${defaultPorts[name]}`)
    .transform((list) => list.split(',').map((each) => each.trim()))
    .pipe(z.array(oneUrl).min(1));

/** The settings of the gateway as a process of its own. */
export const gatewayProcessConfig = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
    /** Milliseconds within which a service must begin its response. */
    UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(100).max(300_000).default(10_000),
    START_PATIENCE: startPatience,
    DRAIN_DELAY: drainDelay,
    ORDER_URL: urls('order'),
    INVENTORY_URL: urls('inventory'),
    PAYMENT_URL: urls('payment'),
    SHIPPING_URL: urls('shipping'),
    NOTIFICATION_URL: urls('notification'),
    ANALYTICS_URL: urls('analytics'),
    CUSTOMER_URL: urls('customer'),
    INVENTORY_GRPC_URL: grpcAddress.default('grpc://127.0.0.1:9082'),
    SHIPPING_GRPC_URL: grpcAddress.default('grpc://127.0.0.1:9084'),
  })
  .transform((env) => ({
    listen: { host: env.HOST, port: env.PORT },
    answerMs: env.UPSTREAM_TIMEOUT_MS,
    startPatienceMs: env.START_PATIENCE,
    drainDelayMs: env.DRAIN_DELAY ?? 0,
    urls: {
      order: env.ORDER_URL,
      inventory: env.INVENTORY_URL,
      payment: env.PAYMENT_URL,
      shipping: env.SHIPPING_URL,
      notification: env.NOTIFICATION_URL,
      analytics: env.ANALYTICS_URL,
      customer: env.CUSTOMER_URL,
    } satisfies Record<ServedName, readonly string[]>,
    grpcUrls: { inventory: env.INVENTORY_GRPC_URL, shipping: env.SHIPPING_GRPC_URL },
  }));
export type GatewayProcessConfig = z.output<typeof gatewayProcessConfig>;

/** The environment of this process. */
export const processEnvironment = (): Environment => ({ ...process.env });
