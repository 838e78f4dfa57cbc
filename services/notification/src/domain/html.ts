/** Text that is safe inside HTML; made by `html` alone. */
export class Html {
  constructor(readonly text: string) {}
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (found) => entities[found] ?? '');

type Part = string | number | Html | readonly Html[];

const show = (part: Part): string => {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map((each) => each.text).join('');
  return escaped(String(part));
};

/** HTML from a template: everything that is put in is escaped, unless it is HTML already. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(
    strings.map((text, i) => text + (i < parts.length ? show(parts[i] ?? '') : '')).join(''),
  );
