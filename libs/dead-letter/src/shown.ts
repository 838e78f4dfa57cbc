import { type Contract, mask, masked } from '@waybill/message';

/** Fields with personal data or credentials, in any message. */
const personal = /^(name|line1|line2|city|postalCode|card|note)$/i;
const personalAtTheEnd =
  /(address|recipient|token|secret|password|e-?mail|phone|firstName|lastName|customerName|cardNumber|iban)$/i;
/** Masked whatever the name of its field. */
const mailAddress = /[^\s@]@[^\s@]/;

/** Data as an operator may see it: masked by the schema, and by field names that the schema may have missed. */
export const shown = (schema: Contract['schema'] | undefined, data: unknown): unknown =>
  maskedByName(schema ? masked(schema, data) : data);

/**
 * The visible part of text that is not a message: JSON with its members masked by name. Null for everything else,
 * because its content is unknown.
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
