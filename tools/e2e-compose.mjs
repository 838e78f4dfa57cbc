/**
 * `npm run e2e:compose [-- topic... options of npm run e2e]`: builds docker-compose.yml and starts it on free ports, independent
 * of other running systems, tests it, checks its invariants from inside, and removes it with all of its data. Topics:
 * `portable` (the portable suite), `faults` (containers are killed), `restore` (a backup is restored), and `rollback=COMMIT`
 * (an older release runs beside this one); default: the first three.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { install } from './setup.mjs';
import { jestArguments, root } from './suites.mjs';

const topics = ['portable', 'faults', 'restore', 'rollback'];
const words = process.argv.slice(2);
const isTopic = (word) => topics.includes(word.split('=')[0]);
const chosen = words.filter(isTopic);
const options = words.filter((word) => !isTopic(word));
if (options[0] && !options[0].startsWith('-')) {
  console.error(`No topic "${options[0]}"; there are ${topics.join(', ')}.`);
  process.exit(2);
}
if (chosen.length === 0) chosen.push('portable', 'faults', 'restore');
if (chosen.some((topic) => /^rollback=?$/.test(topic))) {
  console.error('rollback needs the commit of the older release: rollback=COMMIT');
  process.exit(2);
}

const isThere = (...words) => spawnSync('docker', words, { stdio: 'ignore' }).status === 0;
if (!isThere('info') || !isThere('compose', 'version')) {
  console.error('npm run e2e:compose needs a Docker engine with compose, and none answers here.');
  process.exit(2);
}
install();
const { default: compose } = await import('docker-compose');

const ports = await freePorts();
const url = `http://127.0.0.1:${ports.PORT}`;
const project = 'waybill-e2e';
// A short reply timeout, so that commands that a broker lost are soon sent again, but longer than payment tries a provider (20 s).
const env = { ...process.env, SAGA_NET: '30s', ...ports };
const system = {
  cwd: root,
  env,
  composeOptions: ['--project-name', project],
  callback: (chunk) => process.stderr.write(chunk),
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void down().finally(() => process.exit(1)));
}

try {
  const began = Date.now();
  // An interrupted run may have left its data.
  await down();
  await compose.buildAll(system);
  const older = chosen.map(commitOf).find(Boolean);
  const image = older ? buildRelease(older) : '';
  told('built', began);
  const started = Date.now();
  await compose.upAll({ ...system, commandOptions: ['--wait', '--wait-timeout', '300'] });
  told('everything is healthy', started);
  for (const topic of chosen) if (tried(topic.split('=')[0], image) !== 0) process.exitCode = 1;
  await compose.run('verify-invariants', [], { ...system, commandOptions: ['--rm', '-T'] });
} catch (error) {
  await compose.logs([], { ...system, commandOptions: ['--tail', '40'] }).catch(() => undefined);
  console.error(error instanceof Error ? error.message : (error.err ?? error));
  process.exitCode = 1;
} finally {
  await down();
}
console.log(process.exitCode ? 'docker-compose.yml: failed' : 'docker-compose.yml: passed');

function down() {
  const commandOptions = ['--volumes', '--remove-orphans', '--rmi', 'local'];
  return compose.downAll({ ...system, commandOptions });
}

/** Runs a topic; returns its exit code. */
function tried(topic, image) {
  if (topic === 'portable') {
    const suite = ['run', 'e2e', '--', '--against', url, ...options];
    return spawnSync('npm', suite, { cwd: root, stdio: 'inherit' }).status;
  }
  const suite = { only: `/e2e/compose/${topic}\\.e2e\\.spec\\.ts$`, not: [], workers: 1 };
  return spawnSync(process.execPath, jestArguments(suite), {
    cwd: root,
    env: {
      ...env,
      E2E_AGAINST: url,
      E2E_COMPOSE_PROJECT: project,
      ...(image ? { E2E_OTHER_IMAGE: image } : {}),
    },
    stdio: 'inherit',
  }).status;
}

function commitOf(topic) {
  const [name, commit] = topic.split('=');
  return name === 'rollback' ? commit : undefined;
}

/** Builds the image of another commit from its own Dockerfile. */
function buildRelease(commit) {
  const image = `${project}-${commit}`;
  const folder = mkdtempSync(join(tmpdir(), 'waybill-release-'));
  try {
    must('git', ['worktree', 'add', '--detach', folder, commit]);
    must('docker', ['build', '--tag', image, folder]);
    return image;
  } finally {
    spawnSync('git', ['worktree', 'remove', '--force', folder], { cwd: root });
    rmSync(folder, { recursive: true, force: true });
  }
}

function must(command, args) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

function told(what, since) {
  console.error(`\n> ${what} after ${((Date.now() - since) / 1000).toFixed(1)} s\n`);
}

/** A free port for each variable by which docker-compose.yml publishes one: some are also part of addresses. */
async function freePorts() {
  const file = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const names = new Set([...file.matchAll(/\$\{(\w*PORT):-\d+\}/g)].map(([, name]) => name));
  // All are taken before one is given back, so that none comes twice.
  const servers = [...names].map((name) => [name, createServer().listen(0, '127.0.0.1')]);
  await Promise.all(servers.map(([, server]) => once(server, 'listening')));
  const taken = servers.map(([name, server]) => [name, String(server.address().port)]);
  await Promise.all(servers.map(([, server]) => once(server.close(), 'close')));
  return Object.fromEntries(taken);
}
