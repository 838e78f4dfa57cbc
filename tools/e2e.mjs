/**
 * `npm run e2e [-- --against URL]`: tests a running system through its public API. Without a URL it starts
 * the whole system in one process, on a free port and in a folder of its own.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build, install } from './setup.mjs';
import { jestArguments, root } from './suites.mjs';

const usage = `npm run e2e [-- options]

  --against URL                    the system; without it one is started, and faults are tried as well
  --customers EMAIL,EMAIL          two customers (ada@example.com,grace@example.com)
  --customer-password PASSWORD     of both (waybill)
  --operator EMAIL                 an operator (ops@example.com)
  --operator-password PASSWORD     (waybill)
  --carriers-webhook-secret SECRET by which carriers sign (that of a development system)
  --payment-webhook-secret SECRET  by which the payment provider signs (that of a development system)
  --payment-pages false            the pages of the payment sandbox cannot be reached from here (true)
  --patience FACTOR                how many times slower than usual the system may be (1)
  --test NAME                      only tests whose names match; without the check that every route was met

Each option may also come from the environment: E2E_AGAINST, E2E_OPERATOR_PASSWORD and so on.`;

const names = [
  'against',
  'customers',
  'customer-password',
  'operator',
  'operator-password',
  'carriers-webhook-secret',
  'payment-webhook-secret',
  'payment-pages',
  'patience',
];
const options = {
  ...Object.fromEntries([...names, 'test'].map((name) => [name, { type: 'string' }])),
  help: { type: 'boolean', short: 'h' },
};

const given = readOptions();
if (given.help) {
  console.log(usage);
  process.exit(0);
}
const environment = Object.fromEntries(
  names.flatMap((name) => (given[name] ? [[variableOf(name), given[name]]] : [])),
);
const against = environment.E2E_AGAINST ?? process.env.E2E_AGAINST;
if (against) await mustAnswer(against);

install();
if (!against) build();
const suite = { only: '/e2e/portable\\.e2e\\.spec\\.ts$', not: [] };
const chosen = given.test ? [`--testNamePattern=${given.test}`] : [];
const { status } = spawnSync(process.execPath, jestArguments(suite, chosen), {
  cwd: root,
  env: { ...process.env, ...environment },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

function readOptions() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

/** Fails with one line when no system answers at `url`. */
async function mustAnswer(url) {
  try {
    const answer = await fetch(new URL('/health/ready', url), {
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.ok) return;
    console.error(`the system at ${url} is not ready: ${answer.status} ${await answer.text()}`);
  } catch (error) {
    console.error(`nothing answers at ${url}: ${error.cause?.code ?? error.message}`);
  }
  process.exit(2);
}

function variableOf(name) {
  return `E2E_${name.toUpperCase().replaceAll('-', '_')}`;
}
