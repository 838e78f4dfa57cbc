import { type Contract, mask, masked } from '@waybill/contracts';

/** Fields that tell of a person or open a door, whatever message they are in. */
const personal =
  /^(token|secret|password|email|phone|name|firstName|lastName|line1|line2|city|postalCode|card(Number)?|iban|note)$/i;
const personalWhole = /(address|recipient)$/i;

/** Data as an operator may see them: masked where the schema says so, and by name where it may have forgotten. */
export const shown = (schema: Contract['schema'] | undefined, data: unknown): unknown =>
  maskedByName(schema ? masked(schema, data) : data);

function maskedByName(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(maskedByName);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      if (value === null || value === undefined) return [name, value];
      return [name, personal.test(name) || personalWhole.test(name) ? mask : maskedByName(value)];
    }),
  );
}
