/**
 * Writes the files that are derived from the code; with `--check` it writes nothing and fails when one is stale.
 * It refuses a schema that would break a reader of published messages, a changed name, and a setting that no comment explains.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { makeFolder, writeWholeSync } from '@waybill/local-files';
import { contractDocuments } from './contract-documents.ts';
import { orderFlowPictures } from './order-flow-pictures.ts';
import { root } from './repository.ts';
import { restApiFiles } from './rest-api.ts';
import { settingsPage } from './settings-page.ts';
import { topologyOfServices } from './topology.ts';

const check = process.argv.includes('--check');
const topology = await topologyOfServices();
const contracts = contractDocuments(topology);
const settings = settingsPage();
const problems = [...contracts.problems, ...settings.problems];
const files = [
  ...contracts.files,
  settings.file,
  orderFlowPictures(topology),
  ...(await restApiFiles()),
];
const stale = files.filter((file) => file.isStale);

for (const problem of problems) console.error(problem);
if (check) for (const { path } of stale) console.error(`${path} is stale: run "npm run generate".`);
if (problems.length || (check && stale.length)) process.exit(1);

for (const { path, content } of stale) {
  const file = join(root, path);
  makeFolder(dirname(file));
  writeWholeSync(file, content);
  console.log(`wrote ${path}`);
}
format(stale.map(({ path }) => path).filter((path) => path.endsWith('.json')));

function format(paths: readonly string[]): void {
  if (!paths.length) return;
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const arguments_ = [biome, 'format', '--write', ...paths];
  const { status } = spawnSync(process.execPath, arguments_, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
