/**
 * `npm run backup -- FOLDER` and `npm run restore -- FOLDER`: every database of the system of `docker compose up`, to a file
 * and back. Brokers are not included: a restore empties them, and messages that may have been in transit are published again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from './suites.mjs';

const usage = `npm run backup -- FOLDER [--project NAME]
npm run restore -- FOLDER [--project NAME] [--republish TIME]

  FOLDER            where databases.tar.gz is, or is to be
  --project NAME    of compose (waybill)
  --republish TIME  how far back from now services say again what brokers may have lost (1d)`;

const { positionals, values } = read();
const [action, given] = positionals;
const { project, republish } = values;
if (!['backup', 'restore'].includes(action) || given === undefined) fail(usage);
const folder = resolve(process.env.INIT_CWD ?? '.', given);
const file = join(folder, 'databases.tar.gz');
const brokers = ['rabbitmq', 'kafka', 'redis', 'sns-sqs'];

if (action === 'backup') backup();
else restore();

/** PostgreSQL is stopped for some seconds: services wait for it, and new orders get 503. */
function backup() {
  mkdirSync(folder, { recursive: true });
  compose('stop', 'postgres');
  try {
    tar('-czf', '/backup/databases.tar.gz.new', '-C', '/data', '.');
  } finally {
    compose('start', 'postgres');
  }
  renameSync(`${file}.new`, file);
  console.log(`the databases are in ${file}`);
}

function restore() {
  if (!existsSync(file)) fail(`there is no ${file}`);
  compose('down');
  for (const name of ['postgres', ...brokers]) {
    docker('volume', 'rm', '--force', `${project}_${name}`);
  }
  // Creates the volumes with the labels that Compose expects.
  compose('create', 'postgres');
  tar('-xzf', '/backup/databases.tar.gz', '-C', '/data');
  process.env.REPUBLISH = republish;
  compose('up', '--detach', '--wait');
  console.log('the databases are back, and the brokers begin anew');
}

/** Uses `tar` of PostgreSQL's own image, which keeps owners and modes. */
function tar(...words) {
  const mounts = ['--volume', `${project}_postgres:/data`, '--volume', `${folder}:/backup`];
  docker('run', '--rm', ...mounts, '--entrypoint', 'tar', 'postgres:18', ...words);
}

function compose(...words) {
  docker('compose', '--project-name', project, ...words);
}

function docker(...words) {
  const { status, error } = spawnSync('docker', words, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(error?.message ?? `docker ${words.join(' ')} failed`);
}

function read() {
  try {
    const options = {
      project: { type: 'string', default: 'waybill' },
      republish: { type: 'string', default: '1d' },
    };
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`);
  }
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
