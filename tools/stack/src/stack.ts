import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declaredTopology } from '@waybill/contracts/topology';
import { whileLocked } from './folder-lock.ts';
import { ManagedServer, type ServerStatus, type UpOptions } from './managed-server.ts';
import { sayMissing } from './missing.ts';
import { installerHere, installPackages } from './packages.ts';
import { type ServerName, serverNames } from './server-name.ts';
import { removeFolder } from './server-record.ts';
import { servers } from './servers/index.ts';
import { type Users, usersOf } from './users.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The default folder of this repository's stack. */
export const defaultFolder = join(root, '.waybill', 'stack');
const defaultCache = join(root, '.waybill', 'cache');

/** Why a server is not up: one or more lines for display. */
export interface Trouble {
  readonly server: ServerName;
  readonly reason: string;
}

/** The servers in one folder. Its methods may be called from several processes; changes are serialized by a lock. */
export class Stack {
  readonly folder: string;
  private readonly managed: ReadonlyMap<ServerName, ManagedServer>;
  private knownUsers: Users | undefined;

  constructor(folder: string = defaultFolder, cache: string = defaultCache) {
    this.folder = resolve(folder);
    this.managed = new Map(
      serverNames.map((name) => [
        name,
        new ManagedServer(servers[name], this.folder, resolve(cache), () => this.users()),
      ]),
    );
  }

  /** Starts all at once; resolves when each is ready or has failed, with the failures. */
  up(names: readonly ServerName[] = serverNames, options: UpOptions = {}): Promise<Trouble[]> {
    return whileLocked(this.folder, async () => {
      const troubles = await Promise.all(
        names.map(async (server): Promise<Trouble[]> => {
          const missing = this.missing([server]);
          if (missing.length > 0) return missing;
          try {
            await this.server(server).up(options);
            return [];
          } catch (error) {
            return [{ server, reason: (error as Error).message }];
          }
        }),
      );
      return troubles.flat();
    });
  }

  /** Ends servers, gently first, and keeps their data; returns those that ran. */
  down(names: readonly ServerName[] = serverNames): Promise<ServerName[]> {
    return whileLocked(this.folder, () => this.endEach(names, (managed) => managed.down()));
  }

  /** Ends servers and removes their data; when all are named, also passwords and certificates. */
  reset(names: readonly ServerName[] = serverNames): Promise<ServerName[]> {
    return whileLocked(this.folder, async () => {
      const ended = await this.endEach(names, (managed) => managed.reset());
      if (serverNames.every((name) => names.includes(name))) {
        removeFolder(join(this.folder, 'passwords.json'));
        removeFolder(join(this.folder, 'tls'));
        this.knownUsers = undefined;
      }
      return ended;
    });
  }

  /** Crashes a server with `kill -9`. Its helpers and data stay; `up` starts it again on its ports. */
  kill(name: ServerName): Promise<void> {
    return this.server(name).signal('SIGKILL');
  }

  /** `SIGSTOP` freezes a server, `SIGCONT` resumes it. */
  signal(name: ServerName, signal: NodeJS.Signals): Promise<void> {
    return this.server(name).signal(signal);
  }

  status(names: readonly ServerName[] = serverNames): Promise<ServerStatus[]> {
    return Promise.all(names.map((name) => this.server(name).status()));
  }

  /**
   * The environment of a service that uses the servers; without a name, that of an administrator. Contains nothing
   * for a server that was never started here.
   */
  environment(service?: string): Record<string, string> {
    return Object.assign(
      {},
      ...[...this.managed.values()].map((managed) => managed.environment(service)),
    ) as Record<string, string>;
  }

  /** Why servers cannot be started here, one line each; empty when everything is installed. */
  missing(names: readonly ServerName[] = serverNames): Trouble[] {
    return names.flatMap((server) => {
      const missing = this.server(server).missing();
      return missing ? [{ server, reason: sayMissing(missing, installerHere()) }] : [];
    });
  }

  /** Installs the system packages that servers need; throws when it cannot. */
  async install(names: readonly ServerName[], progress: (line: string) => void): Promise<void> {
    const missing = names.flatMap((name) => this.server(name).missing() ?? []);
    if (missing.length > 0) await installPackages(missing, progress);
  }

  logFile(name: ServerName): string {
    return this.server(name).logFile;
  }

  private server(name: ServerName): ManagedServer {
    return this.managed.get(name) as ManagedServer;
  }

  private async endEach(
    names: readonly ServerName[],
    endOne: (managed: ManagedServer) => Promise<boolean>,
  ): Promise<ServerName[]> {
    const ended = await Promise.all(
      names.map(async (name) => ((await endOne(this.server(name))) ? [name] : [])),
    );
    return ended.flat();
  }

  private users(): Users {
    if (!this.knownUsers) {
      mkdirSync(this.folder, { recursive: true });
      // Some servers run as users of their own, which must be able to enter.
      chmodSync(this.folder, 0o755);
      this.knownUsers = usersOf(this.folder, declaredTopology());
    }
    return this.knownUsers;
  }
}

/** The stack in `folder`; nothing is started or read before a method is called. */
export const openStack = (folder?: string, cache?: string): Stack => new Stack(folder, cache);
