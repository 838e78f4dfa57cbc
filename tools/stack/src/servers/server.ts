import type { Patience } from '@waybill/local-files';
import type { Certificates } from '../certificates.ts';
import type { Missing } from '../missing.ts';
import type { Ports } from '../port.ts';
import type { ServerName } from '../server-name.ts';
import type { Users } from '../users.ts';

/** Where a server of one stack lives. */
export interface Place {
  /** Its own folder: configuration, data, logs. */
  readonly folder: string;
  /** What was downloaded once, shared by stacks. */
  readonly cache: string;
  readonly ports: Ports;
  /** The users of this stack and their passwords. */
  readonly users: Users;
  /** True when nobody gets in without a user. */
  readonly secure: boolean;
  /** Where its clients come by TLS. */
  readonly certificates?: Certificates | undefined;
  /** Says how far a long step is. */
  progress(text: string): void;
}

/** Told of each process as soon as it runs, helpers before the server itself, which is `main`. */
export type Started = (name: string, pid: number) => void;

/** One of the servers of the stack: how it is found, started, asked and ended. */
export interface Server {
  readonly name: ServerName;
  /** Default ports by role; all of them listen on 127.0.0.1 only. */
  readonly ports: Ports;
  /** What must be installed first; undefined when all is here. */
  missing(cache: string): Missing | undefined;
  /** Of the program that would be started. */
  version(): Promise<string>;
  /** Writes its configuration and starts it; it need not answer yet. */
  start(place: Place, started: Started): Promise<void>;
  /** True once it serves its clients. */
  answers(place: Place): Promise<boolean>;
  /** Called each time it has been started and answers: users, databases. */
  furnish?(place: Place): Promise<void>;
  /** How it is ended, gently first. */
  readonly ending: readonly Patience[];
  /** Processes that a record may not know of, because their starter was killed. */
  strays?(place: Pick<Place, 'folder'>): readonly number[];
  logFile(folder: string): string;
  /** What clients must know: of `service` when it is given, else of whoever administers. */
  environment(place: Place, service?: string): Readonly<Record<string, string>>;
  /** For people to see. */
  url(place: Place): string;
}
