import type { Part } from './parts.ts';
import type { Addresses, MeasuredBrokers } from './transports/open-transport.ts';

export type WhichSandboxes = 'http' | 'in-process';
/** Everything in one process, or one process per service. */
export type Layout = 'one' | 'processes';

/** What is measured: which brokers, which sandboxes, how many processes. */
export interface Subject {
  readonly brokers: MeasuredBrokers;
  readonly sandboxes: WhichSandboxes;
  readonly layout: Layout;
  readonly addresses: Addresses;
  /** The number of processes per service, where it is not one. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Settings of its processes, in addition to those of this one. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its PostgreSQL counts statements, and its processes can be inspected. Default false. */
  readonly profiled?: boolean;
}

/** The content of a system's `running.json`. */
export interface Where {
  readonly pid: number;
  readonly url: string;
  readonly databases: Readonly<Record<string, string>>;
  readonly sandboxes: Readonly<
    Record<string, { readonly url: string; readonly pid?: number } | null>
  >;
}

/** The built system in a folder of its own, with its durable defaults. */
export interface BenchedSystem {
  readonly folder: string;
  readonly where: Where;
  /** Milliseconds from the start of the first process until the system reports that it is ready. */
  readonly startMs: number;
  /** The port of a process's inspector once it is opened; only in a profiled system. */
  readonly inspectPort?: number;
  /** Its current processes, including PostgreSQL. */
  parts(): readonly Part[];
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}
