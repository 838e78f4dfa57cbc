import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, root } from './repository.ts';

/** A resource of k8s/, as applied to a cluster. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  /** Only in a ConfigMap or a Secret. */
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}
export type Labels = Readonly<Record<string, string>>;

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly valueFrom?: object }[];
  readonly envFrom?: readonly Source[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources?: {
    readonly requests?: Labels;
    readonly limits?: Labels;
  };
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}
interface Source {
  readonly configMapRef?: { readonly name: string };
  readonly secretRef?: { readonly name: string };
}
interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
}

/** The pods that one resource creates. */
export interface Pods {
  readonly kind: string;
  readonly name: string;
  readonly labels: Labels;
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly Readonly<Record<string, unknown>>[];
    readonly securityContext?: Readonly<Record<string, unknown>>;
    readonly automountServiceAccountToken?: boolean;
    readonly enableServiceLinks?: boolean;
    readonly serviceAccountName?: string;
    readonly terminationGracePeriodSeconds?: number;
  };
}

export interface Rendered {
  readonly source: string;
  readonly overlays: Readonly<Record<string, readonly Resource[]>>;
}

/** The output of the last `npm run k8s:render`. */
export const rendered = (): Rendered =>
  JSON.parse(readFileSync(join(root, 'tools/generated/kubernetes.json'), 'utf8'));

/** A hash of all files of k8s/ except the documents. */
export function sourceOfKubernetes(): string {
  const hash = createHash('sha256');
  const files = filesBelow('k8s', '').filter((file) => !file.endsWith('.md'));
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

interface Template {
  readonly metadata: { readonly labels: Labels };
  readonly spec: Pods['spec'];
}

export function podsOf(resources: readonly Resource[]): readonly Pods[] {
  return resources.flatMap(({ kind, metadata, spec }) => {
    const { jobTemplate } = { ...spec } as { jobTemplate?: { spec: { template: Template } } };
    const template = (jobTemplate?.spec.template ?? spec?.['template']) as Template | undefined;
    if (!template) return [];
    return [{ kind, name: metadata.name, labels: template.metadata.labels, spec: template.spec }];
  });
}

/** Removes the content hash that kustomize appends to generated names. */
export const plain = (name: string): string => name.replace(/-[a-z0-9]{10}$/, '');

/** The environment of `container`, as far as `resources` define it; later sources override earlier ones. */
export function environmentOf(
  container: Container,
  resources: readonly Resource[],
): Readonly<Record<string, string>> {
  const dataOf = (kind: string, name: string) =>
    resources.find((each) => each.kind === kind && each.metadata.name === name)?.data ?? {};
  const sources = (container.envFrom ?? []).map(({ configMapRef, secretRef }) => {
    if (configMapRef) return dataOf('ConfigMap', configMapRef.name);
    const encoded = Object.entries(dataOf('Secret', secretRef?.name ?? ''));
    return Object.fromEntries(
      encoded.map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]),
    );
  });
  const named = (container.env ?? []).map(({ name }) => [name, '']);
  return Object.assign({}, ...sources, Object.fromEntries(named));
}
