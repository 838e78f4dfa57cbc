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
    /** The address on which the gateway listens. */
    HOST: z.string().min(1).default('127.0.0.1'),
    /** The port on which it listens; 0: any free one. */
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
    /** Milliseconds within which a service must begin its response. */
    UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(100).max(300_000).default(10_000),
    /** How long startup waits for what may still be created. */
    START_PATIENCE: startPatience,
    /** How long it keeps serving after it is asked to stop, at most an hour; default 0. */
    DRAIN_DELAY: drainDelay,
    /** Where the replicas of order are. */
    ORDER_URL: urls('order'),
    /** Where the replicas of inventory are. */
    INVENTORY_URL: urls('inventory'),
    /** Where the replicas of payment are. */
    PAYMENT_URL: urls('payment'),
    /** Where the replicas of shipping are. */
    SHIPPING_URL: urls('shipping'),
    /** Where the replicas of notification are. */
    NOTIFICATION_URL: urls('notification'),
    /** Where the replicas of analytics are. */
    ANALYTICS_URL: urls('analytics'),
    /** Where the replicas of customer are. */
    CUSTOMER_URL: urls('customer'),
    /** Where inventory serves gRPC. */
    INVENTORY_GRPC_URL: grpcAddress.default('grpc://127.0.0.1:9082'),
    /** Where shipping serves gRPC. */
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
