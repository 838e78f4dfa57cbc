/** The columns of a table with the types of their values; a `moment` is RFC 3339. */
export type Columns = readonly (readonly [name: string, type: 'text' | 'integer' | 'moment'])[];

/** A row of a table with these columns. */
export type Row<C extends Columns = Columns> = Readonly<
  Record<C[number][0], string | number | null>
>;

/** Rows, a page at a time. */
export type Pages<C extends Columns = Columns> = AsyncIterable<readonly Row<C>[]>;
