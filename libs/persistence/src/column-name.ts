/** The column of a property: `orderId` is `order_id`. */
export const columnName = (property: string): string =>
  property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** An SQL identifier, quoted. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
