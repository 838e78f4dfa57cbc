import type { Part } from './parts.ts';
import type { Addresses, MeasuredBrokers } from './transports/open-transport.ts';

export type WhichSandboxes = 'http' | 'in-process';
/** Everything in one process, or one process a service. */
export type Layout = 'one' | 'processes';

/** What is measured: which brokers, which sandboxes, how many processes. */
export interface Subject {
  readonly brokers: MeasuredBrokers;
  readonly sandboxes: WhichSandboxes;
  readonly layout: Layout;
  readonly addresses: Addresses;
  /** How many processes a service has, where it is not one. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Whether its PostgreSQL counts statements, and its processes can be inspected. Default false. */
  readonly profiled?: boolean;
}

/** What `running.json` of a system says. */
export interface Where {
  readonly pid: number;
  readonly url: string;
  readonly databases: Readonly<Record<string, string>>;
  readonly sandboxes: Readonly<
    Record<string, { readonly url: string; readonly pid?: number } | null>
  >;
}

/** The built system in a folder of its own, on its durable defaults. */
export interface BenchedSystem {
  readonly folder: string;
  readonly where: Where;
  /** Milliseconds from the start of the first process until it says that it is ready. */
  readonly startMs: number;
  /** Where a process of it that is asked to opens its inspector; only of a profiled one. */
  readonly inspectPort?: number;
  /** Its processes as they are now; PostgreSQL is one of them. */
  parts(): readonly Part[];
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}
