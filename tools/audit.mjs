/**
 * `npm run audit [-- FOLDER]`: queries the registry for known vulnerabilities of the runtime dependencies, and fails on those of
 * high severity and above. Without a response it prints a warning and does not fail, so that offline work can continue.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { root } from './suites.mjs';

const folder = process.argv[2] ?? root;
const quickly = ['--fetch-retries=0', '--fetch-timeout=20000'];
const { stdout, error } = spawnSync('npm', ['audit', '--json', '--omit=dev', ...quickly], {
  cwd: folder,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
const report = parsed(stdout);
if (report.vulnerabilities) tell(Object.values(report.vulnerabilities));
else {
  const reason = report.message ?? error?.message ?? 'npm said nothing';
  console.error(`NOT AUDITED, known vulnerabilities were not looked for: ${reason}`);
}

function tell(found) {
  const grave = found.filter(({ severity }) => severity === 'high' || severity === 'critical');
  for (const { name, range, severity, via } of grave) {
    const why = via.map((each) => each.title ?? `it needs ${each}`).join('; ');
    console.error(`${severity}: ${name} ${range}: ${why}`);
  }
  if (grave.length > 0) process.exitCode = 1;
  console.error(`${found.length} vulnerable packages, ${grave.length} of them high or critical`);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
