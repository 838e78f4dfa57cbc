import type { TokenVerifier } from '@waybill/http';
import type { Brokers, Clock } from '@waybill/messaging';
import type { Environment } from './config/read-settings.ts';

/** What a service is started on. */
export interface Host {
  readonly env: Environment;
  /** Shared by all services of a process; whoever made them closes them, after the services. */
  readonly brokers: Brokers;
  /** False when the groups of all services are declared before any of them starts. Default true. */
  readonly declare?: boolean;
  /** Resolves when the groups of other services are declared. */
  readonly declared?: Promise<unknown>;
  readonly clock?: Clock;
  /** Bring the database up to date first. Otherwise a service that is behind is not ready until somebody did. */
  readonly migrate?: boolean;
  /** True for the only process that may use the database: its relay needs no leases. */
  readonly exclusive?: boolean;
  /** Run the service's seed; default: unless it is deployed. */
  readonly seed?: boolean;
  /** Where to listen; null: not at all, requests come by `dispatch`. Default: `HOST` and `PORT`. */
  readonly listen?: { readonly host: string; readonly port: number } | null;
  /** Default: the issuer that the environment names, else the development issuer. */
  readonly tokenVerifier?: TokenVerifier;
}

/** Injects the `Host`: given by `hosted`, or by a test that overrides it. */
export const HOST = Symbol('waybill:host');
