import type { TokenVerifier } from '@waybill/http';
import type { Brokers, Clock } from '@waybill/messaging';
import type { Environment } from './config/read-settings.ts';

/** The environment in which a service starts. */
export interface Host {
  readonly env: Environment;
  /** Shared by all services of a process; the code that made them closes them, after the services. */
  readonly brokers: Brokers;
  /** False if the groups of all services are declared before any service starts. Default true. */
  readonly declare?: boolean;
  /** Resolves when the groups of the other services are declared. */
  readonly declared?: Promise<unknown>;
  readonly clock?: Clock;
  /** Run migrations first. Otherwise a service with pending migrations is not ready until they have run. */
  readonly migrate?: boolean;
  /** True for the only process that uses the database: its relay needs no leases. */
  readonly exclusive?: boolean;
  /** True if another service of the process checks what they share: the event loop, the memory and the disk. */
  readonly isGuest?: boolean;
  /** Run the service's seed; default: true unless it is deployed. */
  readonly seed?: boolean;
  /** The address to listen on; null: none, requests arrive by `dispatch`. Default: `HOST` and `PORT`. */
  readonly listen?: { readonly host: string; readonly port: number } | null;
  /** Default: verifies by the keys that the issuer of the environment publishes, else our own at its address. */
  readonly tokenVerifier?: TokenVerifier;
}

/** Injects the `Host`: passed to `hosted`, or provided by a test. */
export const HOST = Symbol('waybill:host');
