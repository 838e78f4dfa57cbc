import type { Patience } from '@waybill/local-files';
import type { Certificates } from '../certificates.ts';
import type { Missing } from '../missing.ts';
import type { Ports } from '../port.ts';
import type { ServerName } from '../server-name.ts';
import type { Users } from '../users.ts';

/** The place of a server in one stack. */
export interface Place {
  /** Its own folder: configuration, data, logs. */
  readonly folder: string;
  /** Downloaded files, shared by stacks. */
  readonly cache: string;
  readonly ports: Ports;
  /** The users of this stack and their passwords. */
  readonly users: Users;
  /** True when clients must log in. */
  readonly secure: boolean;
  /** Set when clients connect by TLS. */
  readonly certificates?: Certificates | undefined;
  /** Reports the progress of a long step. */
  progress(text: string): void;
}

/** Called for each process as soon as it runs, helpers before the server itself, which is `main`. */
export type Started = (name: string, pid: number) => void;

/** One of the servers of the stack: how to find, start, probe and end it. */
export interface Server {
  readonly name: ServerName;
  /** Default ports by role; all of them listen on 127.0.0.1 only. */
  readonly ports: Ports;
  /** What must be installed first; undefined when everything is there. */
  missing(cache: string): Missing | undefined;
  /** The version of the program that would be started. */
  version(): Promise<string>;
  /** Writes the configuration and starts the server; it may not respond yet. */
  start(place: Place, started: Started): Promise<void>;
  /** True once it serves clients. */
  answers(place: Place): Promise<boolean>;
  /** Called after each start, once the server responds: creates users and databases. */
  furnish?(place: Place): Promise<void>;
  /** How it is ended, gently first. */
  readonly ending: readonly Patience[];
  /** Processes that are missing in the record, because their starter was killed. */
  strays?(place: Pick<Place, 'folder'>): readonly number[];
  logFile(folder: string): string;
  /** What clients need to connect: those of `service` when it is given, else of an administrator. */
  environment(place: Place, service?: string): Readonly<Record<string, string>>;
  /** For display. */
  url(place: Place): string;
}
