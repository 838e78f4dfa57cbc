import type { JSX } from 'preact';

/** A filter with few values, each of which is a link: the choice is in the address. */
export function Choice({
  label,
  name,
  values,
  chosen,
  all = 'all',
}: {
  label: string;
  name: string;
  values: readonly string[];
  chosen: string | undefined;
  /** What is shown when nothing is chosen. */
  all?: string;
}): JSX.Element {
  const link = (value: string | undefined) => (
    <li key={value}>
      <a
        href={value ? `?${name}=${value}` : location.pathname}
        aria-current={value === chosen ? 'true' : undefined}
      >
        {value?.replaceAll('_', ' ') ?? all}
      </a>
    </li>
  );
  return (
    <nav aria-label={label}>
      <ul class="chips">{[undefined, ...values].map(link)}</ul>
    </nav>
  );
}
