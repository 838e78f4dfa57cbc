import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { freePort } from '@waybill/embedded-postgres';
import { AllInOne } from './all-in-one.ts';
import { countStatements } from './profile/statements.ts';
import { ServiceProcesses } from './service-processes.ts';
import type { BenchedSystem, Subject } from './system.ts';

/** Starts the system in the layout of `subject`; resolves when it is ready. */
export async function startSystem(subject: Subject): Promise<BenchedSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
  // PostgreSQL does not run as root: its user must be able to enter.
  chmodSync(folder, 0o755);
  const env = { ...process.env, ...subject.addresses, ...subject.env };
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
