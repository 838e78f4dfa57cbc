/** Text that is safe in HTML; made only by `html`. */
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

/** HTML from a template literal: every inserted value is escaped unless it is `Html` already. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(
    strings.map((text, i) => text + (i < parts.length ? show(parts[i] ?? '') : '')).join(''),
  );
