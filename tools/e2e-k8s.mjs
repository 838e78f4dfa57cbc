/**
 * `npm run e2e:k8s [-- --image NAME --sns-sqs-image NAME --keep] [options of npm run e2e]`: applies the local overlay of k8s/ to
 * the cluster of kubectl, in a namespace of its own, runs the portable suite against it, looks at its invariants from
 * inside, and deletes the namespace. The cluster must have the images, or be able to pull them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from './suites.mjs';

const namespace = 'waybill-e2e';
const { own, others } = readOptions();
const quiet = (...words) => spawnSync('kubectl', words, { encoding: 'utf8' });
const { error, status, stderr } = quiet('version', '--request-timeout=10s');
if (error || status !== 0) {
  const why = error ? 'none is installed' : stderr.trim().split('\n').at(-1);
  console.error(`npm run e2e:k8s needs kubectl and a cluster: ${why}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'waybill-k8s-'));
const forwards = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    down();
    process.exit(1);
  });
}

try {
  const began = Date.now();
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization()));
  kubectl('apply', '-k', folder);
  for (const kind of ['statefulset', 'deployment']) {
    kubectl('-n', namespace, 'rollout', 'status', '--timeout=600s', kind);
  }
  const url = await forwardToGateway();
  await ready(url);
  console.error(`\n> everything is ready after ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  const suite = ['run', 'e2e', '--', '--against', url, ...others];
  if (spawnSync('npm', suite, { cwd: root, stdio: 'inherit' }).status !== 0) process.exitCode = 1;
  verifyInvariants();
} catch (failure) {
  console.error(failure.message);
  for (const what of ['pods', 'events']) kubectl('-n', namespace, 'get', what);
  process.exitCode = 1;
} finally {
  down();
}
console.log(process.exitCode ? 'k8s: failed' : 'k8s: passed');

function readOptions() {
  const { values, tokens } = parseArgs({
    options: {
      image: { type: 'string', default: 'waybill:local' },
      'sns-sqs-image': { type: 'string', default: 'waybill-sns-sqs:local' },
      keep: { type: 'boolean' },
    },
    strict: false,
    tokens: true,
  });
  const ours = new Set(['image', 'sns-sqs-image', 'keep']);
  const others = tokens
    .filter(({ kind, name }) => kind === 'positional' || !ours.has(name))
    .flatMap(({ rawName, value }) => [rawName ?? [], value ?? []].flat());
  return { own: values, others };
}

function kustomization() {
  const images = [
    ['waybill', own.image],
    ['waybill-sns-sqs', own['sns-sqs-image']],
  ];
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace,
    resources: [relative(folder, join(root, 'k8s'))],
    images: images.map(([name, image]) => {
      const [, newName, newTag] = /^(.*):([^/:]+)$/.exec(image) ?? [undefined, image, 'latest'];
      return { name, newName, newTag };
    }),
  };
}

/** Throws when kubectl fails; what it says is for people. */
function kubectl(...words) {
  const { status: code } = spawnSync('kubectl', words, { stdio: ['ignore', 2, 2] });
  if (code !== 0) throw new Error(`kubectl ${words.join(' ')} failed`);
}

/** The address of the gateway on this machine. */
async function forwardToGateway() {
  const words = ['-n', namespace, 'port-forward', 'service/gateway', ':8080'];
  const forward = spawn('kubectl', words, { stdio: ['ignore', 'pipe', 2] });
  forwards.push(forward);
  for await (const line of createInterface({ input: forward.stdout })) {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line) ?? [];
    // Each connection is told, and a pipe that nobody reads would stop it.
    forward.stdout.resume();
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error('kubectl port-forward failed');
}

/** Each pod being ready, the gateway has yet to hear of it. */
async function ready(url) {
  for (const until = Date.now() + 60_000; Date.now() < until; await pause(500)) {
    const answer = await fetch(new URL('/health/ready', url)).catch(() => null);
    if (answer?.ok) return;
  }
  throw new Error('the gateway is not ready');
}

function verifyInvariants() {
  const job = 'job/verify-invariants-now';
  const from = ['--from=cronjob/verify-invariants', 'verify-invariants-now'];
  kubectl('-n', namespace, 'create', 'job', ...from);
  const waited = quiet('-n', namespace, 'wait', '--for=condition=complete', '--timeout=180s', job);
  kubectl('-n', namespace, 'logs', job);
  if (waited.status !== 0) process.exitCode = 1;
}

function down() {
  for (const forward of forwards.splice(0)) forward.kill();
  rmSync(folder, { recursive: true, force: true });
  if (own.keep) return;
  kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=180s');
}
