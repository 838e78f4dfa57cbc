import type { SystemHealth } from './system-health.ts';

const inWords: Readonly<Record<string, (what: string, services: string) => string>> = {
  broker: (what, services) => `${what} cannot be reached by ${services}: messages over it wait`,
  breaker: (what, services) => `${what} is not called by ${services}, because it fails`,
};

/** Brokers that cannot be reached, and external systems that are not called: an order may wait for each of them. */
export function obstaclesIn({ services }: Pick<SystemHealth, 'services'>): readonly string[] {
  const wrong = services.flatMap(({ service, checks }) =>
    checks.flatMap(({ name, status }) => (status === 'healthy' ? [] : [{ name, service }])),
  );
  return [...new Set(wrong.map(({ name }) => name))].flatMap((name) => {
    const kind = name.slice(0, name.indexOf('-'));
    const concerned = new Set(
      wrong.filter((each) => each.name === name).map((each) => each.service),
    );
    return inWords[kind]?.(name.slice(kind.length + 1), listOf([...concerned])) ?? [];
  });
}

const mostNames = 3;

/** A server that is away is away for nearly all services: their names would hide what matters. */
const listOf = (names: readonly string[]): string =>
  names.length > mostNames + 1
    ? `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more services`
    : names.join(', ');
