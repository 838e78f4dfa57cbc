import { isServerName, type ServerName, serverNames } from './server-name.ts';

/**
 * The servers that a spec file needs: those in its name (`x.kafka.broker.spec.ts`), else that of its folder
 * (`libs/brokers/kafka`), else all of them.
 */
export function serversOf(path: string): readonly ServerName[] {
  const folders = path.split(/[\\/]/);
  const named = (folders.pop() ?? '').split('.').filter(isServerName);
  if (named.length > 0) return named;
  const home = folders.find((folder, at) => folders[at - 1] === 'brokers' && isServerName(folder));
  return home === undefined ? serverNames : [home as ServerName];
}

/** The spec files of a suite that can run on the available servers. */
export interface Selection {
  readonly run: readonly string[];
  readonly leftOut: readonly string[];
  /** Every server that the files need, available or not. */
  readonly servers: readonly ServerName[];
}

/** Keeps the files whose servers are all in `wanted`; they run when their servers are all in `here`, else they are left out. */
export function select(
  files: readonly string[],
  wanted: readonly ServerName[],
  here: readonly ServerName[],
): Selection {
  const chosen = files.filter((file) => serversOf(file).every((name) => wanted.includes(name)));
  const can = (file: string): boolean => serversOf(file).every((name) => here.includes(name));
  const needed = new Set(chosen.flatMap(serversOf));
  return {
    run: chosen.filter(can),
    leftOut: chosen.filter((file) => !can(file)),
    servers: serverNames.filter((name) => needed.has(name)),
  };
}
