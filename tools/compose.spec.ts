import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { gatewayProblems } from '@waybill/gateway';
import { definitions, deploymentProblems } from '@waybill/processes';
import { secretsOf, serviceProblems } from '@waybill/service';
import { parse } from 'yaml';
import { programs, variablesOf } from './programs.ts';
import { realValue } from './real-value.ts';
import { filesBelow, root } from './repository.ts';

interface ComposeService {
  readonly image?: string;
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly build?: { readonly context: string; readonly target?: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly mem_limit?: string;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly volumes?: readonly string[];
}
interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const ofCompose = (file: string): ComposeFile =>
  parse(text(file), { merge: true, customTags: [{ tag: '!reset', collection: 'seq' }] });

const compose = ofCompose('docker-compose.yml');
const deploy = text('docs/deploy.md');
const services = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }));
const named = (name: string) => services.find((each) => each.name === name) ?? { name };
/** Started by `docker compose up`. */
const started = services.filter(({ profiles }) => !profiles);
const servers = ['postgres', 'rabbitmq', 'kafka', 'redis', 'sns-sqs'];
const ours = services.filter(({ build }) => build && build.target === undefined);
const serviceNames = programs.filter((name) => name !== 'gateway');

const variable = /\$\{([A-Z_]+):-([^}]*)\}/g;
/** The value when of its variables only those of `given` are set. */
const resolved = (value: unknown, given: Readonly<Record<string, string>>): string =>
  String(value ?? '').replaceAll(variable, (_, name, fallback) => given[name] || fallback);
const byDefault = (value: unknown): string => resolved(value, {});

describe('docker-compose.yml', () => {
  it('has an entry for every service and the gateway, which runs it', () => {
    expect(programs.length).toBeGreaterThan(6);
    expect(programs.map((name) => [name, named(name).command])).toEqual(
      programs.map((name) => [name, [name]]),
    );
  });

  it.each(ours)('$name runs a program of the bundle', ({ command }) => {
    expect(Object.keys(variablesOf)).toContain(command?.[0]);
  });

  it.each(ours)('$name sets nothing that its program does not read', ({ command, environment }) => {
    const read = variablesOf[command?.[0] ?? ''] ?? [];
    expect(Object.keys(environment ?? {}).filter((name) => !read.includes(name))).toEqual([]);
  });

  it('gives every container a limit of its memory; all that are started have 5.25 GiB at most', () => {
    const megabytes = started.map(({ name, mem_limit = '' }) => {
      expect([name, mem_limit]).toEqual([name, expect.stringMatching(/^\d+m$/)]);
      return Number.parseInt(mem_limit, 10);
    });
    const sum = megabytes.reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(5.25 * 1024);
    expect(deploy).toContain(`The limits add up to ${(sum / 1024).toFixed(1)} GiB`);
  });

  it('publishes ports to this machine alone, each by a variable', () => {
    const ports = services.flatMap((each) => each.ports ?? []);
    expect(ports.length).toBeGreaterThan(6);
    const loopback = /^(127\.0\.0\.1|\$\{BIND:-127\.0\.0\.1\}):\$\{[A-Z_]+:-\d+\}:\d+$/;
    expect(ports.filter((port) => !loopback.test(port))).toEqual([]);
    const usual = ports.map((port) => byDefault(port).split(':').slice(0, 2).join(':'));
    expect(new Set(usual).size).toBe(ports.length);
    expect(usual).toEqual(
      expect.arrayContaining(
        [8080, 9092, 5672, 15672, 6379, 5432].map((port) => `127.0.0.1:${port}`),
      ),
    );
  });

  it('takes images by their tags', () => {
    const images = services.flatMap(({ image }) => image ?? []);
    expect(images.length).toBe(9);
    expect(images.filter((image) => !/^[a-z/]+:v?\d[\w.-]*$/.test(image))).toEqual([]);
  });

  it('keeps what servers, sandboxes and the issuer have in volumes with names', () => {
    const mounted = services.flatMap(({ volumes = [] }) =>
      volumes.map((each) => each.split(':')[0]),
    );
    expect(mounted.filter((name) => name?.startsWith('/'))).toEqual(['/var/run/docker.sock']);
    const names = mounted.filter((name) => !name?.startsWith('/'));
    expect(new Set(names)).toEqual(new Set(Object.keys(compose.volumes)));
    expect(servers.filter((name) => !named(name).volumes?.length)).toEqual([]);
    expect(named('postgres').volumes).toEqual(['postgres:/var/lib/postgresql']);
  });

  it('gives what observes it the files of docker/observability, and names of them none that is missing', () => {
    const observing = services.filter(({ profiles }) => profiles?.includes('observability'));
    expect(observing.map(({ name }) => name).sort()).toEqual([
      'alloy',
      'grafana',
      'loki',
      'prometheus',
      'tempo',
    ]);
    const used = observing.flatMap(({ configs = [] }) => configs.map(({ source }) => source));
    expect(used.sort()).toEqual(Object.keys(compose.configs).sort());
    for (const { file } of Object.values(compose.configs)) expect(text(file)).not.toBe('');
    const dashboards = filesBelow('docker/observability/dashboards', '.json');
    const files = Object.values(compose.configs).map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining(dashboards));
  });

  it('starts services when all is prepared, prepares when the servers are well, and ends the gateway first', () => {
    const healthy = servers.map((name) => [name, { condition: 'service_healthy' }]);
    expect(named('prepare').depends_on).toEqual(Object.fromEntries(healthy));
    expect(servers.filter((name) => !named(name).healthcheck)).toEqual([]);
    const prepared = { prepare: { condition: 'service_completed_successfully' } };
    const before = serviceNames.map((name) => [name, { condition: 'service_started' }]);
    for (const name of programs) {
      const behind = name === 'gateway' ? Object.fromEntries(before) : {};
      expect([name, named(name).depends_on]).toEqual([name, { ...prepared, ...behind }]);
    }
  });

  it('starts again whatever ends, and changes no file of an image', () => {
    const lasting = started.filter(({ name }) => name !== 'prepare');
    expect(lasting.filter(({ restart }) => restart !== 'unless-stopped')).toEqual([]);
    expect(ours.filter((each) => each.read_only !== true)).toEqual([]);
  });

  it.each(programs)('lets %s in everywhere as itself alone', (name) => {
    const { environment = {} } = named(name);
    const users = Object.entries(environment).flatMap(([variable, value]) => {
      const { username, password } = URL.canParse(byDefault(value))
        ? new URL(byDefault(value))
        : { username: '', password: '' };
      if (password) return [[username, password]];
      return variable === 'KAFKA_USERNAME'
        ? [[value, byDefault(environment['KAFKA_PASSWORD'])]]
        : [];
    });
    expect(users.length).toBe(name === 'gateway' ? 1 : 4);
    expect(
      users.filter(([user, password]) => user !== name || password !== secretOf(name)),
    ).toEqual([]);
    expect(byDefault(named('prepare').environment?.[`${name.toUpperCase()}_PASSWORD`])).toBe(
      secretOf(name),
    );
    const login = byDefault(
      named('kafka').environment?.['KAFKA_LISTENER_NAME_CLIENTS_PLAIN_SASL_JAAS_CONFIG'],
    );
    expect(login).toContain(`user_${name}="${secretOf(name)}"`);
  });

  it('has every variable that deploy.md lists for it', () => {
    const [, settings = ''] = /^### Settings$(.*?)^### Users$/ms.exec(deploy) ?? [];
    const rows = [...settings.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [
      ...cell.matchAll(/`([A-Z_]+)`/g),
    ]);
    const listed = rows.map(([, name = '']) => name);
    expect(listed.length).toBeGreaterThan(40);
    const file = text('docker-compose.yml');
    const isThere = (name: string) => new RegExp(`\\$\\{${name}:-|^\\s+${name}:$`, 'm').test(file);
    expect(listed.filter((name) => !isThere(name))).toEqual([]);
  });

  it('says of every password of its own that it is for development', () => {
    const written = [...text('docker-compose.yml').matchAll(/_PASSWORD:-([^}]*)\}/g)];
    expect(written.length).toBeGreaterThan(20);
    expect(written.filter(([, value = '']) => !value.includes('development'))).toEqual([]);
  });

  it('refuses development values in every service for production, and publishes no server', () => {
    const production = ofCompose('docker-compose.production.yml').services;
    const reset = text('docker-compose.production.yml').match(/^ {2}[a-z-]+:\n {4}ports: !reset/gm);
    expect(reset).toHaveLength(servers.length);
    const lenient = ['prepare', ...programs].filter(
      (name) => production[name]?.environment?.['WAYBILL_DEPLOYED'] !== 'true',
    );
    expect(lenient).toEqual([]);
    expect(Object.keys(production).filter((name) => !compose.services[name])).toEqual([]);
    expect(production['sandboxes']?.profiles).toEqual(['development']);
  });
});

/** What a program for production gets from compose, when these variables are set. */
function productionEnvironment(
  name: string,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const production = ofCompose('docker-compose.production.yml').services[name];
  const written = { ...named(name).environment, ...production?.environment };
  return Object.fromEntries(
    Object.entries(written).map(([key, value]) => [key, resolved(value, given)]),
  );
}

describe('docker-compose.production.yml', () => {
  const names = [...text('docker-compose.yml').matchAll(variable)].map(([, name = '']) => name);
  const secrets = names.filter((name) => /_(PASSWORD|SECRET|KEYS?)$/.test(name));
  const real: Readonly<Record<string, string>> = {
    ...Object.fromEntries(secrets.map((name) => [name, realValue(name)])),
    PAYMENT_PROVIDER_URL: 'https://payments.example.com',
    CARRIERS_URL: 'https://carriers.example.com',
    SUPPLIER_URL: 'https://supplier.example.com',
  };
  const stripe = { PAYMENT_PROVIDER: 'stripe', STRIPE_RETURN_URL: 'https://shop.example.com/' };
  const choices: readonly Readonly<Record<string, string>>[] = [
    {},
    { AUTO_RESTOCK: 'true' },
    stripe,
  ];

  it.each(choices)('refuses every development value at once, with %j', (choice) => {
    const env = { WAYBILL_DEPLOYED: 'true', ...choice };
    const refused = definitions.flatMap(({ config }) =>
      [...secretsOf(config)].flatMap(([name, { development, isUsed }]) =>
        development !== null && isUsed(env) ? [name] : [],
      ),
    );
    expect(refused.length).toBeGreaterThan(4);
    const problems = deploymentProblems(productionEnvironment('prepare', choice));
    if (Object.keys(choice).length === 0) {
      expect(deploy).toContain(
        `${problems.length} settings must be corrected\n  - ${problems[0]}\n`,
      );
    }
    const complaints = refused.map((name) => expect.stringMatching(`^${name} has its development`));
    expect(problems).toEqual(expect.arrayContaining(complaints));
  });

  const sandbox = 'has the address of the sandbox, which a deployed service refuses';
  it.each([
    [{}, ['CARRIERS_URL', 'PAYMENT_PROVIDER_URL']],
    [{ AUTO_RESTOCK: 'true' }, ['CARRIERS_URL', 'PAYMENT_PROVIDER_URL', 'SUPPLIER_URL']],
    [stripe, ['CARRIERS_URL']],
  ] as const)('refuses to call sandboxes, which do not run, with %j', (choice, names) => {
    const refused = names.map((name) => `${name} ${sandbox}`);
    const ofSandboxes = (problems: readonly string[]) =>
      problems.filter((problem) => problem.endsWith(sandbox)).sort();
    const problems = deploymentProblems(productionEnvironment('prepare', choice));
    expect(ofSandboxes(problems)).toEqual(refused);
    const own = definitions.flatMap((each) =>
      serviceProblems(each, productionEnvironment(each.name, choice)),
    );
    expect(ofSandboxes(own)).toEqual(refused);
  });

  it.each(choices)('starts when each of them is replaced, with %j', (choice) => {
    const given = { ...real, ...choice };
    expect(deploymentProblems(productionEnvironment('prepare', given))).toEqual([]);
    for (const each of definitions) {
      const env = productionEnvironment(each.name, given);
      expect([each.name, serviceProblems(each, env)]).toEqual([each.name, []]);
    }
    expect(gatewayProblems(productionEnvironment('gateway', given))).toEqual([]);
  });
});

const secretOf = (service: string): string => `${service}-development-password`;
