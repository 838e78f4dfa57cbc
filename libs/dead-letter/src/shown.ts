import { type Contract, mask, masked } from '@waybill/message';

/** Fields that tell of a person or open a door, whatever message they are in. */
const personal = /^(name|line1|line2|city|postalCode|card|note)$/i;
const personalAtTheEnd =
  /(address|recipient|token|secret|password|e-?mail|phone|firstName|lastName|customerName|cardNumber|iban)$/i;
/** Whatever its field is called. */
const mailAddress = /[^\s@]@[^\s@]/;

/** Data as an operator may see them: masked where the schema says so, and by name where it may have forgotten. */
export const shown = (schema: Contract['schema'] | undefined, data: unknown): unknown =>
  maskedByName(schema ? masked(schema, data) : data);

/**
 * What may be seen of text that is no message: the members of JSON, masked by their names. Null for everything else,
 * because nobody can tell what is in it.
 */
export function shownText(text: string): string | null {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? JSON.stringify(maskedByName(found)) : null;
  } catch {
    return null;
  }
}

function maskedByName(data: unknown): unknown {
  if (typeof data === 'string') return mailAddress.test(data) ? mask : data;
  if (Array.isArray(data)) return data.map(maskedByName);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      if (value === null || value === undefined) return [name, value];
      const hidden = personal.test(name) || personalAtTheEnd.test(name);
      return [name, hidden ? mask : maskedByName(value)];
    }),
  );
}
