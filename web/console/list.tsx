import type { ComponentChildren, JSX } from 'preact';
import type { Rows } from './rows.ts';

export interface Column<T> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Left out on a phone. */
  readonly isWide?: boolean;
  /** Has buttons, which say themselves what they are for. */
  readonly isAction?: boolean;
  readonly of: (row: T) => ComponentChildren;
}

/** A list as a table whose first column names the row, with its troubles, and a button for more. */
export function List<T>(list: {
  /** What is in it, in the plural: 'sagas'. */
  of: string;
  rows: Rows<T>;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  none?: string;
}): JSX.Element {
  const { of, rows, columns, keyOf } = list;
  const items = rows.items.value;
  return (
    <section class="card" aria-label={of} aria-busy={items === null && rows.trouble.value === null}>
      <Trouble text={rows.trouble.value} />
      <Missing services={rows.missing.value} />
      {items?.length === 0 && <p class="quiet">{list.none ?? `There are no ${of}.`}</p>}
      {items && items.length > 0 && <Table of={of} items={items} columns={columns} keyOf={keyOf} />}
      {rows.next.value && (
        <button type="button" class="plain start" onClick={() => void rows.more()}>
          Show more
        </button>
      )}
    </section>
  );
}

export function Table<T>({
  of,
  items,
  columns,
  keyOf,
}: {
  of: string;
  items: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
}): JSX.Element {
  return (
    <table>
      <caption class="unseen">{of}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.title} scope="col" class={classOf(column)}>
              {column.isAction ? <span class="unseen">{column.title}</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column, place) =>
              place === 0 ? (
                <th key={column.title} scope="row">
                  {column.of(row)}
                </th>
              ) : (
                <td
                  key={column.title}
                  class={classOf(column)}
                  data-title={column.isAction ? undefined : column.title}
                >
                  {column.of(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const classOf = ({ isNumber, isWide, isAction }: Omit<Column<never>, 'title' | 'of'>): string =>
  [isNumber && 'number', isWide && 'wide', isAction && 'act'].filter(Boolean).join(' ');

export function Trouble({ text }: { text: string | null }): JSX.Element {
  return (
    <p class="trouble" role="alert">
      {text}
    </p>
  );
}

/** Says whose part of a list is not shown. */
export function Missing({ services }: { services: readonly string[] }): JSX.Element | null {
  if (services.length === 0) return null;
  return <p class="trouble">Without {services.join(', ')}, which did not answer.</p>;
}
