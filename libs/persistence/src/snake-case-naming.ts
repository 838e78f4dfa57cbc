import { DefaultNamingStrategy } from 'typeorm';
import { columnName } from './column-name.ts';

/** Entities need no column names: the property `orderId` is the column `order_id`, as in declared tables. */
export class SnakeCaseNaming extends DefaultNamingStrategy {
  override columnName(property: string, custom: string | undefined, prefixes: string[]): string {
    return [...prefixes.map(columnName), custom ?? columnName(property)].join('_');
  }
}
