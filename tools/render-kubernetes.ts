/**
 * `npm run k8s:render`: what kustomize makes of k8s/, kept in tools/generated/kubernetes.json, so that the check of it needs
 * no kubectl. Whoever changes something in k8s/ runs this.
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
