/**
 * `npm run e2e:compose [-- options of npm run e2e]`: builds and starts docker-compose.yml on ports of its own, beside whatever
 * else runs, runs the portable suite against it, looks at its invariants from inside, and takes it down with all that it has
 * stored.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import process from 'node:process';
import { install } from './setup.mjs';
import { root } from './suites.mjs';

const isThere = (...words) => spawnSync('docker', words, { stdio: 'ignore' }).status === 0;
if (!isThere('info') || !isThere('compose', 'version')) {
  console.error('npm run e2e:compose needs a Docker engine with compose, and none answers here.');
  process.exit(2);
}
install();
const { default: compose } = await import('docker-compose');

const [PORT, KAFKA_PORT] = await Promise.all([freePort(), freePort()]);
const servers = ['POSTGRES', 'RABBITMQ', 'RABBITMQ_MANAGEMENT', 'REDIS', 'SNS_SQS'];
const any = [...servers, 'PAYMENT_PROVIDER', 'CARRIERS'].map((name) => [`${name}_PORT`, '0']);
const url = `http://127.0.0.1:${PORT}`;
const options = {
  cwd: root,
  env: { ...process.env, PORT, KAFKA_PORT, ...Object.fromEntries(any) },
  composeOptions: ['--project-name', 'waybill-e2e'],
  callback: (chunk) => process.stderr.write(chunk),
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void down().finally(() => process.exit(1)));
}

try {
  const began = Date.now();
  await compose.buildAll(options);
  told('built', began);
  const started = Date.now();
  await compose.upAll({ ...options, commandOptions: ['--wait', '--wait-timeout', '300'] });
  told('everything is healthy', started);
  const suite = ['run', 'e2e', '--', '--against', url, ...process.argv.slice(2)];
  if (spawnSync('npm', suite, { cwd: root, stdio: 'inherit' }).status !== 0) process.exitCode = 1;
  await compose.run('verify-invariants', [], { ...options, commandOptions: ['--rm', '-T'] });
} catch (error) {
  await compose.logs([], { ...options, commandOptions: ['--tail', '40'] }).catch(() => undefined);
  console.error(error instanceof Error ? error.message : (error.err ?? error));
  process.exitCode = 1;
} finally {
  await down();
}
console.log(process.exitCode ? 'docker-compose.yml: failed' : 'docker-compose.yml: passed');

function down() {
  const commandOptions = ['--volumes', '--remove-orphans', '--rmi', 'local'];
  return compose.downAll({ ...options, commandOptions });
}

function told(what, since) {
  console.error(`\n> ${what} after ${((Date.now() - since) / 1000).toFixed(1)} s\n`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return String(port);
}
