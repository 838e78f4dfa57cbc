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

/** What of a suite can run where only some servers are to be had. */
export interface Selection {
  readonly run: readonly string[];
  readonly leftOut: readonly string[];
  /** Every server that the files need, here or not. */
  readonly servers: readonly ServerName[];
}

/** Keeps the files that need nothing but `wanted` servers, and tells those apart whose servers are all `here`. */
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
