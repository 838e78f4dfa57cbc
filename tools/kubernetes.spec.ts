import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import { definitions, deploymentProblems } from '@waybill/processes';
import { secretsOf } from '@waybill/service';
import { Ajv } from 'ajv';
import {
  type Container,
  environmentOf,
  type Pods,
  plain,
  podsOf,
  type Resource,
  rendered,
  sourceOfKubernetes,
} from './kubernetes.ts';
import { flowsOf, unguarded } from './kubernetes-flows.ts';
import { programs, variablesOf } from './programs.ts';
import { realValue } from './real-value.ts';
import { root } from './repository.ts';

const schemas = JSON.parse(
  readFileSync(join(root, 'tools/generated/kubernetes-schemas.json'), 'utf8'),
);
const deploy = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
const ajv = new Ajv({ strict: false, allErrors: true }).addSchema({
  $id: 'kubernetes',
  ...schemas,
});
/** In a JSON pointer, `/` is written `~1`. */
const schemaOf = (apiVersion: string, kind: string) =>
  ajv.getSchema(`kubernetes#/kinds/${`${apiVersion}/${kind}`.replaceAll('/', '~1')}`);
const kept = rendered();
const overlays = Object.entries(kept.overlays).map(([folder, resources]) => ({
  folder,
  resources,
  pods: podsOf(resources),
}));
const overlay = (folder: string) => {
  const found = overlays.find((each) => each.folder === folder);
  if (!found) throw new Error(`${folder} is not rendered`);
  return found;
};
const local = overlay('k8s');
const production = overlay('k8s/overlays/production');
const every = overlays.flatMap(({ folder, pods }) =>
  pods.map((each) => ({ ...each, title: `${each.kind} ${each.name} of ${folder}` })),
);
const services = programs.filter((name) => name !== 'gateway');
/** The groups that messages wait for: where none waits, a service is scaled by its CPU. */
const subscribed = declaredTopology().filter(({ subscribesTo }) =>
  subscribesTo.some(({ kind }) => kind !== 'request'),
);
const isOurs = ({ image }: Container): boolean => /(^|\/)waybill(-sns-sqs)?:/.test(image);

const named = (resources: readonly Resource[], kind: string, name: string): Resource | undefined =>
  resources.find((each) => each.kind === kind && plain(each.metadata.name) === name);
const podsNamed = (pods: readonly Pods[], name: string): Pods => {
  const found = pods.find((each) => each.name === name);
  if (!found) throw new Error(`there are no pods of ${name}`);
  return found;
};
const onlyOf = ({ spec }: Pods): Container => {
  const [container, ...others] = spec.containers;
  if (!container || others.length > 0) throw new Error('there is not one container');
  return container;
};

it('is checked as it is now: npm run k8s:render', () => {
  expect(kept.source).toBe(sourceOfKubernetes());
});

describe.each(overlays)('$folder', ({ resources }) => {
  it(`fits Kubernetes ${schemas.versions.kubernetes}`, () => {
    const problems = resources.flatMap((resource) => {
      const { apiVersion, kind, metadata } = resource;
      const fits = schemaOf(apiVersion, kind);
      if (!fits) return [`${kind} of ${apiVersion} has no schema`];
      if (fits(resource)) return [];
      return (fits.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `${kind} ${metadata.name}${instancePath} ${message} ${JSON.stringify(params)}`,
      );
    });
    expect(problems).toEqual([]);
  });

  it('names nothing twice', () => {
    const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names.length).toBe(new Set(names).size);
  });
});

describe('the level `restricted` of Pod Security', () => {
  it('is that of the namespace', () => {
    for (const { resources } of overlays) {
      const labels = named(resources, 'Namespace', 'waybill')?.metadata.labels;
      expect(labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    }
  });

  it.each(every)('holds for $title', ({ spec }) => {
    const shared = spec as Readonly<Record<string, unknown>>;
    for (const word of ['hostNetwork', 'hostPID', 'hostIPC']) expect(shared[word]).toBeUndefined();
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.securityContext?.['runAsUser']).toBeGreaterThan(0);
    const allowed = ['name', 'emptyDir', 'secret', 'configMap', 'persistentVolumeClaim'];
    const kinds = (spec.volumes ?? []).flatMap((volume) => Object.keys(volume));
    expect(kinds.filter((kind) => !allowed.includes(kind))).toEqual([]);
    for (const { securityContext } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(Object.keys(securityContext ?? {})).not.toContain('privileged');
    }
  });
});

describe('every pod', () => {
  it.each(every)('$title has no token, no variables of others, and bounds', ({ spec }) => {
    expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    for (const container of spec.containers) {
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
      const { readOnlyRootFilesystem } = container.securityContext ?? {};
      expect(isOurs(container) && readOnlyRootFilesystem !== true).toBe(false);
    }
  });
});

describe('every service and the gateway', () => {
  it.each(programs)('%s has all that belongs to it, in each overlay', (name) => {
    for (const { resources, pods } of overlays) {
      const kinds = ['Deployment', 'Service', 'ConfigMap', 'ServiceAccount', 'PodDisruptionBudget'];
      expect(kinds.filter((kind) => !named(resources, kind, name))).toEqual([]);
      const { spec, labels } = podsNamed(pods, name);
      expect(labels).toMatchObject({ 'app.kubernetes.io/name': name });
      expect(onlyOf(podsNamed(pods, name)).args).toEqual([name]);
      expect(spec.serviceAccountName).toBe(name);
      const selector = { 'app.kubernetes.io/name': name };
      expect(named(resources, 'Service', name)?.spec).toMatchObject({ selector });
      for (const kind of ['Deployment', 'PodDisruptionBudget']) {
        expect(named(resources, kind, name)?.spec).toMatchObject({
          selector: { matchLabels: selector },
        });
      }
    }
  });

  it.each([...programs, 'prepare'])('%s sets nothing that it does not read', (name) => {
    for (const { resources, pods } of [local, production]) {
      const set = Object.keys(environmentOf(onlyOf(podsNamed(pods, name)), resources));
      const read = variablesOf[name] ?? [];
      // Node itself reads this variable.
      const known = [...read, 'NODE_EXTRA_CA_CERTS'];
      expect(set.filter((each) => !known.includes(each))).toEqual([]);
    }
  });

  it.each(programs)('%s is asked whether it lives and whether it can serve', (name) => {
    const container = onlyOf(podsNamed(local.pods, name));
    const live = { httpGet: { path: '/health/live', port: 'http' } };
    // The gateway's readiness covers the whole system: probing it would close the shop when one service is down.
    const path = name === 'gateway' ? '/health/live' : '/health/ready';
    expect(container.startupProbe).toMatchObject(live);
    expect(container.livenessProbe).toMatchObject(live);
    expect(container.readinessProbe).toMatchObject({ httpGet: { path, port: 'http' } });
  });

  it.each(programs)('%s is scaled where an overlay scales', (name) => {
    const scaled = { scaleTargetRef: expect.objectContaining({ name }) };
    const keda = overlay('k8s/overlays/checked').resources;
    const hasGroups = subscribed.some(({ service }) => service === name);
    const kind = hasGroups ? 'ScaledObject' : 'HorizontalPodAutoscaler';
    expect(named(keda, kind, name)?.spec).toMatchObject(scaled);
    const byCpu = named(production.resources, 'HorizontalPodAutoscaler', name);
    expect(byCpu?.spec).toMatchObject(scaled);
  });

  it.each(services)('%s waits for `prepare` no longer than it is waited for', (name) => {
    const container = onlyOf(podsNamed(local.pods, name));
    const { periodSeconds = 0, failureThreshold = 0 } = container.startupProbe ?? {};
    const { START_PATIENCE } = environmentOf(container, local.resources);
    expect(START_PATIENCE).toMatch(/^\d+m$/);
    expect(periodSeconds * failureThreshold).toBeGreaterThan(
      60 * Number.parseInt(START_PATIENCE ?? '', 10),
    );
  });

  it('inventory stores pictures where each replica finds them', () => {
    for (const { resources, pods } of overlays) {
      const { BLOBS } = environmentOf(onlyOf(podsNamed(pods, 'inventory')), resources);
      expect(BLOBS).toMatch(/^s3:/);
    }
  });

  it('serves gRPC on the ports that deploy.md names', () => {
    const ports = local.pods.flatMap(({ spec }) =>
      spec.containers.flatMap(({ ports: open = [] }) =>
        open.filter(({ name }) => name === 'grpc').map((port) => port.containerPort),
      ),
    );
    const [, text = ''] = /also serve gRPC on ([\d, and]+)\./.exec(deploy) ?? [];
    expect(text.match(/\d+/g)?.map(Number)).toEqual(ports.sort());
  });

  it('is known to the gateway', () => {
    const gateway = environmentOf(onlyOf(podsNamed(local.pods, 'gateway')), local.resources);
    expect(services.map((name) => gateway[`${name.toUpperCase()}_URL`])).toEqual(
      services.map((name) => `http://${name}:8080`),
    );
  });

  it.each(services)('%s is let in everywhere as itself alone', (name) => {
    const environment = environmentOf(onlyOf(podsNamed(local.pods, name)), local.resources);
    const prepare = environmentOf(onlyOf(podsNamed(local.pods, 'prepare')), local.resources);
    const password = prepare[`${name.toUpperCase()}_PASSWORD`];
    expect(password).toBe(`${name}-development-password`);
    const urls = ['DATABASE_URL', 'RABBITMQ_URL', 'REDIS_URL'].map(
      (variable) => new URL(environment[variable] ?? ''),
    );
    expect(urls.map((url) => [url.username, url.password])).toEqual(
      urls.map(() => [name, password]),
    );
    expect(environment).toMatchObject({
      KAFKA_USERNAME: name,
      KAFKA_PASSWORD: password,
      AWS_ACCESS_KEY_ID: name,
    });
    const kafka = environmentOf(onlyOf(podsNamed(local.pods, 'kafka')), local.resources);
    expect(kafka['KAFKA_LISTENER_NAME_CLIENTS_PLAIN_SASL_JAAS_CONFIG']).toContain(
      `user_${name}="${password}"`,
    );
  });
});

describe('secrets', () => {
  it('are for development in the local overlay, and say so', () => {
    const secrets = local.resources.filter(({ kind }) => kind === 'Secret');
    expect(secrets.length).toBe(programs.length + 3);
    const values = secrets.flatMap(({ data = {} }) =>
      Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]),
    );
    const passwords = values.filter(([name = '', value = '']) =>
      /password|_ACCESS_KEY$/i.test(`${name} ${value}`),
    );
    expect(passwords.length).toBeGreaterThan(30);
    expect(passwords.filter(([, value = '']) => !value.includes('development'))).toEqual([]);
  });

  it('are not in the production overlay, which refuses those for development', () => {
    expect(production.resources.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const name of [...programs, 'prepare']) {
      const container = onlyOf(podsNamed(production.pods, name));
      expect(environmentOf(container, production.resources)).toMatchObject({
        WAYBILL_DEPLOYED: 'true',
      });
      expect(container.envFrom).toContainEqual({ secretRef: { name } });
      expect(container.image).toMatch(/^registry\.example\.com\/waybill:/);
    }
  });
});

describe('the job `prepare` of the production overlay', () => {
  const container = onlyOf(podsNamed(production.pods, 'prepare'));
  const secretsOfServices = definitions.flatMap(({ name, config }) =>
    [...secretsOf(config)].flatMap(([key, { development }]) =>
      development === null ? [] : [{ service: name, key }],
    ),
  );
  const given: Readonly<Record<string, string>> = {
    // The image listens on all addresses.
    HOST: '0.0.0.0',
    ...environmentOf(container, production.resources),
    DATABASE_URL: 'postgres://admin:grapefruit@db.example.com/postgres?sslmode=verify-full',
    RABBITMQ_URL: 'amqps://admin:grapefruit@rabbitmq.example.com/waybill',
    REDIS_URL: 'rediss://admin:grapefruit@redis.example.com:6380',
  };

  it.each(secretsOfServices)('checks $key in the Secret of $service', ({ service, key }) => {
    const valueFrom = { secretKeyRef: { name: service, key, optional: true } };
    expect(container.env).toContainEqual({ name: key, valueFrom });
    expect(deploy).toMatch(new RegExp(`^\\| \`${service}\` also \\|.*\`${key}\``, 'm'));
  });

  it('refuses the system without its secrets, and takes it with them', () => {
    const secrets = ['SERVICE_SECRET', ...secretsOfServices.map(({ key }) => key)];
    const real = Object.fromEntries(secrets.map((name) => [name, realValue(name)]));
    const problems = deploymentProblems({ ...given, ...real });
    // The certificate is mounted only in the cluster.
    expect(problems.filter((problem) => !/^TLS_\w+_FILE: .*ENOENT/.test(problem))).toEqual([]);
    const used = [
      'SERVICE_SECRET',
      'ENCRYPTION_KEYS',
      'CARRIERS_API_KEY',
      'PAYMENT_WEBHOOK_SECRET',
    ];
    const complaints = used.map((name) => expect.stringMatching(`^${name} has its development`));
    expect(deploymentProblems(given)).toEqual(expect.arrayContaining(complaints));
  });

  it('knows what the ConfigMaps of services choose', () => {
    const chosen = {
      kind: 'ConfigMap',
      data: { AUTO_RESTOCK: 'true', PAYMENT_PROVIDER: 'stripe' },
    };
    const resources = production.resources.map((each) =>
      ['inventory', 'payment'].includes(plain(each.metadata.name)) && each.kind === 'ConfigMap'
        ? { ...each, ...chosen }
        : each,
    );
    const problems = deploymentProblems(environmentOf(container, resources));
    const needed = ['SUPPLIER_API_KEY', 'STRIPE_SECRET_KEY'];
    const complaints = needed.map((name) => expect.stringMatching(`^${name} has its development`));
    expect(problems).toEqual(expect.arrayContaining(complaints));
  });
});

it('sends nothing in the clear in the production overlay', () => {
  for (const name of [...programs, 'prepare']) {
    const container = onlyOf(podsNamed(production.pods, name));
    const environment = environmentOf(container, production.resources);
    expect(Object.values(environment).filter((value) => /^(http|grpc):/.test(value))).toEqual([]);
    expect(environment).toMatchObject({ TLS_CERT_FILE: '/etc/waybill/tls/tls.crt' });
    expect(container.volumeMounts).toContainEqual(
      expect.objectContaining({ mountPath: '/etc/waybill/tls' }),
    );
    const { startupProbe, readinessProbe, livenessProbe } = container;
    if (name === 'prepare') continue;
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      expect(probe?.httpGet).toMatchObject({ scheme: 'HTTPS' });
    }
  }
});

/** The ports of pods behind an address of the cluster, such as `customer:http` behind `customer:8080`. */
function targetsOf(
  address: string,
  resources: readonly Resource[],
  pods: readonly Pods[],
): readonly string[] {
  const [host, port] = address.split(':');
  const service = resources.find((each) => each.kind === 'Service' && each.metadata.name === host);
  const { selector = {}, ports = [] } = { ...service?.spec } as {
    selector?: Readonly<Record<string, string>>;
    ports?: readonly { readonly port: number; readonly targetPort: string }[];
  };
  const target = ports.find((each) => each.port === Number(port))?.targetPort;
  if (!target) return [];
  return pods
    .filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value))
    .map(({ name }) => `${name}:${target}`);
}

describe('network policies', () => {
  const servers = [
    'kafka:kafka',
    'postgres:postgres',
    'rabbitmq:amqp',
    'redis:redis',
    'sns-sqs:http',
  ];
  const between = [
    ...services.map((name) => `gateway → ${name}:http`),
    ...services.map((name) => `${name} → customer:http`),
    ...['notification', 'order', 'payment', 'shipping'].map((name) => `${name} → customer:grpc`),
    'gateway → inventory:grpc',
    'gateway → shipping:grpc',
    'order → inventory:grpc',
    'shipping → inventory:grpc',
    'outside → gateway:http',
  ];

  it('allow every program to reach what its settings name', () => {
    for (const { folder, resources, pods } of overlays) {
      const flows = flowsOf(resources, pods);
      const named = programs.flatMap((name) => {
        const environment = environmentOf(onlyOf(podsNamed(pods, name)), resources);
        return Object.values(environment)
          .flatMap((value) => value.match(/(?<=:\/\/(?:[^@/\s]*@)?)[a-z-]+:\d+/g) ?? [])
          .flatMap((address) => targetsOf(address, resources, pods))
          .map((target) => `${name} → ${target}`);
      });
      expect(named.length).toBeGreaterThan(5);
      expect([folder, named.filter((flow) => !flows.includes(flow))]).toEqual([folder, []]);
    }
  });

  it('guard every pod', () => {
    for (const { resources, pods } of overlays) expect(unguarded(resources, pods)).toEqual([]);
  });

  it('allow what is needed in the local overlay, and nothing else', () => {
    const jobs = ['prepare', 'verify-invariants'];
    const expected = [
      ...between,
      ...[...services, ...jobs].flatMap((from) => servers.map((to) => `${from} → ${to}`)),
      'prepare → rabbitmq:management',
      'gateway → redis:redis',
      'payment → sandboxes:payment',
      'inventory → sandboxes:carriers',
      'shipping → sandboxes:carriers',
      'notification → sandboxes:smtp',
      'verify-invariants → sandboxes:carriers',
      'verify-invariants → sandboxes:payment',
      'sandboxes → gateway:http',
    ];
    expect(flowsOf(local.resources, local.pods)).toEqual(expected.sort());
  });

  it('allow what is needed between the programs of the production overlay, and nothing else', () => {
    expect(flowsOf(production.resources, production.pods)).toEqual(between.sort());
  });

  it('let notification order at the gateway, with the component for that', () => {
    const { resources, pods } = overlay('k8s/overlays/checked');
    const flows = flowsOf(resources, pods);
    const without = flowsOf(local.resources, local.pods);
    expect(flows.filter((flow) => !without.includes(flow))).toEqual([
      'notification → gateway:http',
    ]);
  });
});

describe('KEDA', () => {
  const { resources } = overlay('k8s/overlays/checked');
  const triggers = resources
    .filter(({ kind }) => kind === 'ScaledObject')
    .flatMap(({ metadata, spec }) => {
      const { triggers } = spec as { triggers: { metadata: Record<string, string> }[] };
      return triggers.map((trigger) => ({ service: metadata.name, told: trigger.metadata }));
    });

  it('looks at every group of every service', () => {
    const looked = triggers.map(({ service, told }) => {
      const { queueName, consumerGroup, queueURL } = told;
      const queue = queueName?.replace(/^\^(.+?)\\\.\\d.*$/, '$1').replaceAll('\\', '');
      return `${service} ${queue ?? consumerGroup ?? queueURL?.replaceAll('-', '.')}`;
    });
    const groups = subscribed.map(({ service, group }) => `${service} ${group}`);
    expect(new Set(looked)).toEqual(new Set(groups));
  });
});
