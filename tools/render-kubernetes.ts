/**
 * `npm run k8s:render`: writes kustomize's output for k8s/ to tools/generated/kubernetes.json, so that the specs that check it
 * need no kubectl. Run it after each change in k8s/.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { sourceOfKubernetes } from './kubernetes.ts';
import { root } from './repository.ts';

const folders = ['k8s', 'k8s/overlays/production', 'k8s/overlays/checked'];

function rendered(folder: string): readonly unknown[] {
  const { error, status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`kubectl is needed: ${error.message}`);
  if (status !== 0) throw new Error(`${folder}: ${stderr}`);
  return parseAllDocuments(stdout).map((document) => document.toJS());
}

const overlays = Object.fromEntries(folders.map((folder) => [folder, rendered(folder)]));
const file = { source: sourceOfKubernetes(), overlays };
writeFileSync(join(root, 'tools/generated/kubernetes.json'), `${JSON.stringify(file)}\n`);
