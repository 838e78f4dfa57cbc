import { DefaultNamingStrategy } from 'typeorm';

/** The column of a property: `orderId` is `order_id`. */
export const columnName = (property: string): string =>
  property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** An SQL identifier, quoted. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Entities need no column names: the property `orderId` is the column `order_id`. */
export class SnakeCaseNaming extends DefaultNamingStrategy {
  override columnName(property: string, custom: string | undefined, prefixes: string[]): string {
    return [...prefixes.map(columnName), custom ?? columnName(property)].join('_');
  }
}
