import { inflateSync } from 'node:zlib';

/** The lines of text that a reader sees in a PDF written by pdfkit, page by page. */
export function textOfPdf(pdf: Buffer): string {
  const objects = new Map(
    [...pdf.toString('latin1').matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map(
      ([, id = '', body = '']) => [id, body],
    ),
  );
  const at = (reference: string | undefined): string => objects.get(reference ?? '') ?? '';
  const pages = [...objects.values()].filter((body) => /\/Type \/Page\b/.test(body));
  return pages.flatMap((page) => linesOfPage(page, at)).join('\n');
}

function linesOfPage(page: string, at: (reference: string | undefined) => string): string[] {
  const resources = at(/\/Resources (\d+) /.exec(page)?.[1]);
  const fonts = new Map(
    [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', id]) => {
      const map = /\/ToUnicode (\d+) /.exec(at(id))?.[1];
      return [name, map === undefined ? null : charactersOf(streamOf(at(map)))];
    }),
  );
  return linesOf(streamOf(at(/\/Contents (\d+) /.exec(page)?.[1])), fonts);
}

/** Characters by glyph; null for a font whose bytes are its characters. */
type Characters = readonly string[] | null;

function streamOf(body: string): string {
  const start = body.indexOf('stream\n') + 'stream\n'.length;
  const bytes = Buffer.from(body.slice(start, body.lastIndexOf('\nendstream')), 'latin1');
  return inflateSync(bytes).toString('latin1');
}

/** The characters of a font's glyphs, from its `ToUnicode` map. */
const charactersOf = (map: string): string[] =>
  [...map.matchAll(/<[0-9a-f]{4}> <[0-9a-f]{4}> \[([^\]]*)\]/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/<([0-9a-f ]*)>/g)].map(([, hex = '']) =>
      Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'),
    ),
  );

function linesOf(content: string, fonts: ReadonlyMap<string, Characters>): string[] {
  return content
    .split('\nBT\n')
    .slice(1)
    .map((line) => {
      const characters = fonts.get(/\/(F\d+) [\d.]+ Tf/.exec(line)?.[1] ?? '') ?? null;
      const parts = [...line.matchAll(/\[([^\]]*)\] TJ/g)];
      return parts
        .map(([, shown = '']) => textOf(shown, characters))
        .join('')
        .normalize('NFC');
    });
}

function textOf(shown: string, characters: Characters): string {
  const hex = [...shown.matchAll(/<([0-9a-f]+)>/g)].map(([, part]) => part).join('');
  const bytes = Buffer.from(hex, 'hex');
  if (!characters) return bytes.toString('latin1');
  const glyphs = Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(2 * i));
  return glyphs.map((glyph) => characters[glyph] ?? '').join('');
}
