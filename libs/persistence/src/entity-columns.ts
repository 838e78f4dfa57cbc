import { type ColumnOptions, getMetadataArgsStorage } from 'typeorm';
import { columnName, quoted } from './column-name.ts';

/** A `bigint` column; every value is a safe integer. `pg` reads it as text. */
export const bigint = {
  type: 'bigint',
  transformer: {
    from: (read: string | null) => (read === null ? null : Number(read)),
    to: (value: unknown) => value,
  },
} satisfies ColumnOptions;

/** A `timestamptz` column whose value is an RFC 3339 string. `pg` reads it as a `Date`. */
export const instant = {
  type: 'timestamptz',
  transformer: {
    from: (read: Date | null) => read?.toISOString() ?? null,
    to: (value: unknown) => value,
  },
} satisfies ColumnOptions;

/** Types that a batch can write as JSON and read back unchanged. */
const types = [
  'text',
  'uuid',
  'smallint',
  'integer',
  'bigint',
  'boolean',
  'timestamptz',
  'jsonb',
] as const;

/** A property of an entity, and its column. */
export interface EntityColumn {
  readonly property: string;
  /** The column name, quoted for SQL. */
  readonly sql: string;
  readonly type: (typeof types)[number];
}

/** A class that is a TypeORM entity with the properties of `S`. */
export type EntityOf<S extends object> = new () => S;

/** The table of an entity, as its decorators declare it. */
export interface EntityTable {
  readonly entity: EntityOf<object>;
  /** For a stream: the entity of its events. */
  readonly events?: EntityOf<object>;
  readonly table: string;
  /** In the order of the class, without the version and without generated columns. */
  readonly columns: readonly EntityColumn[];
}

interface TableOfEntity extends EntityTable {
  readonly keys: readonly EntityColumn[];
  readonly isVersioned: boolean;
}

/** Reads the decorators of an entity; throws when batches cannot write its table. */
export function tableOf(entity: EntityOf<object>): TableOfEntity {
  const declared = getMetadataArgsStorage();
  const table = declared.tables.find(({ target }) => target === entity)?.name;
  if (table === undefined) throw new TypeError(`${entity.name} is not an @Entity('<table>')`);
  const classes = withParents(entity);
  const [embedded] = declared.filterEmbeddeds(classes);
  if (embedded) throw new TypeError(refusal(entity, embedded.propertyName, 'is embedded'));
  const found = declared.filterColumns(classes);
  const written = found.filter(
    ({ mode, options }) =>
      mode !== 'version' && options.insert !== false && options.generatedType === undefined,
  );
  const columns = written.map(({ propertyName: property, options }) => {
    const type = types.find((each) => each === options.type);
    if (!type) throw new TypeError(refusal(entity, property, `has the type ${options.type}`));
    if (options.transformer && options.transformer !== transformerOf(type)) {
      throw new TypeError(refusal(entity, property, 'has a transformer'));
    }
    return { property, sql: quoted(options.name ?? columnName(property)), type };
  });
  const keys = columns.filter((_, i) => written[i]?.options.primary);
  return {
    entity,
    table,
    columns,
    keys,
    isVersioned: found.some(
      ({ mode, propertyName }) => mode === 'version' && propertyName === 'version',
    ),
  };
}

const refusal = ({ name }: EntityOf<object>, property: string, but: string): string =>
  `${name}.${property} ${but}; batches write ${types.join(', ')} columns, and no transformers but those of bigint and instant`;

const transformerOf = (type: EntityColumn['type']) =>
  type === 'bigint' ? bigint.transformer : type === 'timestamptz' ? instant.transformer : undefined;

/** TypeORM lists the columns of a parent class under the parent. */
function withParents(entity: EntityOf<object>): (typeof entity)[] {
  const parent: EntityOf<object> | null = Object.getPrototypeOf(entity);
  return parent?.prototype ? [...withParents(parent), entity] : [entity];
}
