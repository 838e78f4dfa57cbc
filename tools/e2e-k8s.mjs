/**
 * `npm run e2e:k8s [-- --image NAME --sns-sqs-image NAME --node HOST --keep] [options of npm run e2e]`: applies the local overlay
 * of k8s/ to the cluster of kubectl, in a namespace of its own, runs the portable suite against it, checks its invariants from
 * inside, and deletes the namespace. The cluster must have the images or be able to pull them; HOST is the address of its
 * node ports, by default that of the first node.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
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
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    down();
    process.exit(1);
  });
}

try {
  const began = Date.now();
  // An interrupted run may have left its namespace.
  kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=180s');
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization()));
  kubectl('apply', '-k', folder);
  for (const kind of ['statefulset', 'deployment']) {
    kubectl('-n', namespace, 'rollout', 'status', '--timeout=600s', kind);
  }
  const url = urlOfGateway();
  await ready(url);
  console.error(`\n> everything is ready after ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  const suite = ['run', 'e2e', '--', '--against', url, '--payment-pages', 'false', ...others];
  if (spawnSync('npm', suite, { cwd: root, stdio: 'inherit' }).status !== 0) process.exitCode = 1;
  verifyInvariants();
} catch (failure) {
  console.error(failure.message);
  for (const what of ['pods', 'events']) said('-n', namespace, 'get', what);
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
      node: { type: 'string' },
      keep: { type: 'boolean' },
    },
    strict: false,
    tokens: true,
  });
  const ours = new Set(['image', 'sns-sqs-image', 'node', 'keep']);
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
    patches: [
      {
        target: { kind: 'Service', name: 'gateway' },
        patch: JSON.stringify([{ op: 'add', path: '/spec/type', value: 'NodePort' }]),
      },
    ],
    images: images.map(([name, image]) => {
      const [, newName, newTag] = /^(.*):([^/:]+)$/.exec(image) ?? [undefined, image, 'latest'];
      return { name, newName, newTag };
    }),
  };
}

/** True when kubectl succeeds; its output goes to stderr. */
function said(...words) {
  return spawnSync('kubectl', words, { stdio: ['ignore', 2, 2] }).status === 0;
}

function kubectl(...words) {
  if (!said(...words)) throw new Error(`kubectl ${words.join(' ')} failed`);
}

/** A node port, because `kubectl port-forward` ends with the first connection that breaks. */
function urlOfGateway() {
  const addresses = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  const node = own.node ?? asked('get', 'nodes', '-o', `jsonpath=${addresses}`);
  const nodePort = 'jsonpath={.spec.ports[0].nodePort}';
  return `http://${node}:${asked('-n', namespace, 'get', 'service', 'gateway', '-o', nodePort)}`;
}

function asked(...words) {
  const { status: code, stdout, stderr: why } = quiet(...words);
  if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${why.trim()}`);
  return stdout.trim();
}

/** The gateway may not be ready yet when every pod is. */
async function ready(url) {
  for (const until = Date.now() + 60_000; Date.now() < until; await pause(500)) {
    const answer = await fetch(new URL('/health/ready', url)).catch(() => null);
    if (answer?.ok) return;
  }
  throw new Error(`the gateway is not ready at ${url}`);
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
  rmSync(folder, { recursive: true, force: true });
  if (own.keep) return;
  if (!said('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=180s')) {
    process.exitCode = 1;
  }
}
