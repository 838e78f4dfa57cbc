import type { Labels, Pods, Resource } from './kubernetes.ts';

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}
interface Peer {
  readonly podSelector?: Selector;
  readonly ipBlock?: object;
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: string | number; readonly protocol?: string }[];
}
interface Policy {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

const anyone = { kind: '', name: 'outside', labels: {}, spec: { containers: [] } } as const;

/**
 * The connections that the network policies allow, such as `gateway → order:http`. Both sides must allow one; `outside` is
 * any peer outside the cluster.
 */
export function flowsOf(resources: readonly Resource[], pods: readonly Pods[]): readonly string[] {
  const policies = resources
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => spec as unknown as Policy);
  const found = [anyone, ...pods].flatMap((from) =>
    pods.flatMap((to) =>
      portsOf(to)
        .filter((port) => mayLeave(policies, from, to, port) && mayEnter(policies, from, to, port))
        .map(({ name }) => `${from.name} → ${to.name}:${name}`),
    ),
  );
  return [...new Set(found)].sort();
}

/** Pods that no policy selects for ingress or for egress, and that are therefore unrestricted in it. */
export function unguarded(
  resources: readonly Resource[],
  pods: readonly Pods[],
): readonly string[] {
  const policies = resources
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => spec as unknown as Policy);
  const guards = (type: string, { labels }: Pods) =>
    policies.some(
      ({ policyTypes, podSelector }) => policyTypes.includes(type) && selects(podSelector, labels),
    );
  return pods
    .filter((each) => !guards('Ingress', each) || !guards('Egress', each))
    .map(({ name }) => name);
}

interface Port {
  readonly name: string;
  readonly containerPort: number;
}

const portsOf = ({ spec }: Pods): readonly Port[] =>
  spec.containers.flatMap(({ ports = [] }) => ports);

const mayLeave = (policies: readonly Policy[], from: Pods, to: Pods, port: Port): boolean =>
  from === anyone ||
  policies.some(
    ({ podSelector, egress = [] }) =>
      selects(podSelector, from.labels) &&
      egress.some((rule) => allows(rule.to, to) && opens(rule, port)),
  );

const mayEnter = (policies: readonly Policy[], from: Pods, to: Pods, port: Port): boolean =>
  policies.some(
    ({ podSelector, ingress = [] }) =>
      selects(podSelector, to.labels) &&
      ingress.some((rule) => allows(rule.from, from) && opens(rule, port)),
  );

/** A rule without peers allows all of them. */
const allows = (peers: readonly Peer[] | undefined, { labels }: Pods): boolean =>
  !peers || peers.some(({ podSelector }) => podSelector && selects(podSelector, labels));

const opens = ({ ports }: Rule, { name, containerPort }: Port): boolean =>
  !ports || ports.some(({ port }) => port === name || port === containerPort);

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`the operator ${operator} is not known here`);
      return values.includes(labels[key] ?? '');
    })
  );
}
