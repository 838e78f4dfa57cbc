import { spawn } from 'node:child_process';
import process from 'node:process';
import type { Installer, Missing } from './missing.ts';
import { findProgram } from './programs.ts';

/** The package manager of this machine. */
export function installerHere(): Installer {
  if (findProgram('apt-get')) return 'apt';
  return findProgram('brew') ? 'brew' : 'none';
}

/** True when this process may install packages: as root, with apt. */
export const canInstall = (): boolean => installerHere() === 'apt' && process.getuid?.() === 0;

/** The packages of a list of missing programs, each once. */
export const aptPackages = (missing: readonly Missing[]): string[] => [
  ...new Set(missing.flatMap(({ apt }) => apt)),
];

/** Debian starts a server when it is installed; while `policy-rc.d` exists, it does not. */
const quietly = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@"
`;

/** Installs packages with apt, as root on Debian and Ubuntu; elsewhere it throws with instructions. */
export async function installPackages(
  missing: readonly Missing[],
  progress: (line: string) => void,
): Promise<void> {
  const packages = aptPackages(missing);
  if (!canInstall()) {
    throw new Error(
      installerHere() === 'apt'
        ? `only root can install packages: sudo apt-get install ${packages.join(' ')}`
        : 'packages are installed only where there is apt-get',
    );
  }
  progress(`installing ${packages.join(', ')}`);
  const child = spawn('/bin/sh', ['-c', quietly, 'sh', ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-2_000);
    });
  }
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0)
    throw new Error(`apt-get could not install ${packages.join(', ')}:\n${output.trim()}`);
}
