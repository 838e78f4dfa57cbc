import { readFileSync } from 'node:fs';
import { isRunning } from '@waybill/local-files';
import { inColumns } from '@waybill/stack';
import { roster } from './roster.ts';
import type { RunRecord, SystemRecord } from './run-folder.ts';

const headers = ['process', 'state', 'pid', 'port', 'RSS MB', 'restarts'];
const patience = 1_500;

/** The observable state of a process. */
export interface Seen {
  readonly run: RunRecord;
  readonly state: 'ready' | 'not ready' | 'down';
  readonly rssMb: number | null;
}

/** Checks every process of a system. */
export const look = ({ runs }: SystemRecord): Promise<readonly Seen[]> =>
  Promise.all(runs.map(async (run) => ({ run, state: await stateOf(run), rssMb: rssOf(run) })));

/** One row per process, in columns. */
export const statusTable = (seen: readonly Seen[]): string =>
  inColumns([
    headers,
    ...seen.map(({ run, state, rssMb }) => [
      run.instance,
      state,
      run.process ? String(run.process.pid) : '-',
      new URL(run.url).port,
      rssMb === null ? '-' : String(rssMb),
      String(run.restarts),
    ]),
  ]).join('\n');

async function stateOf({ process, url, name }: RunRecord): Promise<Seen['state']> {
  if (!process || !isRunning(process)) return 'down';
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(patience) });
    await answer.arrayBuffer();
    // The sandboxes have no health check; any response counts as ready.
    const isSandbox = roster.some((role) => role.name === name && role.kind === 'sandbox');
    return answer.ok || isSandbox ? 'ready' : 'not ready';
  } catch {
    return 'not ready';
  }
}

/** Null without /proc. */
function rssOf({ process }: RunRecord): number | null {
  try {
    const status = readFileSync(`/proc/${process?.pid}/status`, 'utf8');
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes ? Math.round(Number(kilobytes) / 1024) : null;
  } catch {
    return null;
  }
}
