import { DefaultNamingStrategy } from 'typeorm';

/** The column name of a property: `orderId` becomes `order_id`. */
export const columnName = (property: string): string =>
  property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Quotes an SQL identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Derives column names, so entities do not declare them: the property `orderId` maps to the column `order_id`. */
export class SnakeCaseNaming extends DefaultNamingStrategy {
  override columnName(property: string, custom: string | undefined, prefixes: string[]): string {
    return [...prefixes.map(columnName), custom ?? columnName(property)].join('_');
  }
}
