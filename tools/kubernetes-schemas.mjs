/**
 * Writes tools/generated/kubernetes-schemas.json: the kinds that k8s/ uses, as strict JSON Schemas, from the published sources of
 * one version of Kubernetes, Gateway API and KEDA:
 *
 *     node tools/kubernetes-schemas.mjs KUBERNETES GATEWAY_API KEDA
 *
 * with folders that contain the sources of kubernetes/kubernetes, kubernetes-sigs/gateway-api and kedacore/keda at the tags
 * below.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parse } from 'yaml';

const versions = { kubernetes: '1.34', 'gateway-api': '1.4.0', keda: '2.18.0' };
const kinds = {
  v1: ['Namespace', 'ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'PersistentVolumeClaim'],
  'apps/v1': ['Deployment', 'StatefulSet'],
  'batch/v1': ['Job', 'CronJob'],
  'policy/v1': ['PodDisruptionBudget'],
  'networking.k8s.io/v1': ['NetworkPolicy', 'Ingress'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
};
const gatewayKinds = ['gateways', 'httproutes', 'backendtlspolicies'];
const kedaKinds = ['scaledobjects', 'triggerauthentications'];

const [kubernetes, gatewayApi, keda] = process.argv.slice(2);
const read = (...path) => readFileSync(join(...path), 'utf8');
const { definitions } = JSON.parse(read(kubernetes, 'api/openapi-spec/swagger.json'));
const kept = {};
const byKind = {};

for (const [name, definition] of Object.entries(definitions)) {
  for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
    const apiVersion = group ? `${group}/${version}` : version;
    if (!kinds[apiVersion]?.includes(kind)) continue;
    byKind[`${apiVersion}/${kind}`] = { $ref: `#/definitions/${name}` };
    keep(name);
  }
}
for (const plural of gatewayKinds) {
  addCustom(read(gatewayApi, `config/crd/standard/gateway.networking.k8s.io_${plural}.yaml`), 'v1');
}
for (const plural of kedaKinds) {
  addCustom(read(keda, `config/crd/bases/keda.sh_${plural}.yaml`), 'v1alpha1');
}
const file = { versions, kinds: byKind, definitions: kept };
writeFileSync(
  new URL('generated/kubernetes-schemas.json', import.meta.url),
  `${JSON.stringify(file)}\n`,
);

function keep(name) {
  if (kept[name]) return;
  kept[name] = {};
  kept[name] = strict(definitions[name]);
  for (const [, other] of JSON.stringify(kept[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    keep(other);
  }
}

/** A custom resource: its own fields, and the metadata of every kind. */
function addCustom(text, wanted) {
  const { spec } = parse(text);
  const { schema } = spec.versions.find(({ name }) => name === wanted);
  const { openAPIV3Schema } = schema;
  const metadata = { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
  byKind[`${spec.group}/${wanted}/${spec.names.kind}`] = strict({
    ...openAPIV3Schema,
    properties: { ...openAPIV3Schema.properties, metadata },
  });
}

/** Without descriptions and `status`; unknown fields are refused. */
function strict(schema) {
  if (schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string']) {
    return { type: ['string', 'integer'] };
  }
  const said = {};
  const numbers = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'];
  for (const word of ['$ref', 'type', 'enum', 'required', 'pattern', ...numbers]) {
    if (schema[word] !== undefined) said[word] = schema[word];
  }
  if (schema.items) said.items = strict(schema.items);
  if (typeof schema.additionalProperties === 'object') {
    said.additionalProperties = strict(schema.additionalProperties);
  }
  if (!schema.properties) return said;
  const { status, ...properties } = schema.properties;
  said.properties = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, strict(value)]),
  );
  if (!schema['x-kubernetes-preserve-unknown-fields']) said.additionalProperties = false;
  return said;
}
