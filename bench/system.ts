import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { freePort } from '@waybill/persistence/embedded';
import { AllInOne } from './all-in-one.ts';
import type { Part } from './parts.ts';
import { countStatements } from './profile/statements.ts';
import { ServiceProcesses } from './service-processes.ts';
import type { Subject } from './workload.ts';

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

/** Starts the system in the layout of `subject` and resolves when it is ready. */
export async function startSystem(subject: Subject): Promise<BenchedSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
  // PostgreSQL does not run as root: its user must be able to enter.
  chmodSync(folder, 0o755);
  const env = { ...process.env, ...subject.addresses };
  if (!subject.profiled) return start(subject, folder, env);
  await countStatements(join(folder, 'postgres'));
  const inspectPort = await freePort(0);
  const options = `${env['NODE_OPTIONS'] ?? ''} --inspect-port=127.0.0.1:${inspectPort} --inspect-publish-uid=http`;
  const system = await start(subject, folder, { ...env, NODE_OPTIONS: options });
  return Object.assign(system, { inspectPort });
}

function start(subject: Subject, folder: string, env: NodeJS.ProcessEnv): Promise<BenchedSystem> {
  return subject.layout === 'one'
    ? AllInOne.start(subject, folder, env)
    : ServiceProcesses.start(subject, folder, env);
}
