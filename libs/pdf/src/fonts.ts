import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { firstUnprintable } from '@waybill/contracts';
import type { Font } from 'fontkit';

/** The typeface of all documents, which has every character that text in them may contain. */
export interface Fonts {
  readonly regular: Font;
  readonly bold: Font;
}

let opened: Promise<Fonts> | undefined;

/** The fonts, opened by the first document, and kept: parsing them takes longer than the rest of a document. */
export function openFonts(): Promise<Fonts> {
  opened ??= parseFonts().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Resolved only for the first document. */
const folder = () =>
  dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans/package.json'));

async function parseFonts(): Promise<Fonts> {
  const { open } = await import('fontkit');
  const files = ['400Regular/NotoSans_400Regular.ttf', '700Bold/NotoSans_700Bold.ttf'].map((file) =>
    open(join(folder(), file)),
  );
  const [regular, bold] = (await Promise.all(files)) as [Font, Font];
  for (const font of [regular, bold]) font.glyphsForString(everyCharacter());
  return { regular, bold };
}

/**
 * A font caches a glyph with the characters of its first use. A glyph first used as part of another letter would stand for no
 * character, and the text of later documents could not be searched or copied.
 */
const everyCharacter = (): string =>
  Array.from({ length: 0x2150 }, (_, code) => String.fromCharCode(code))
    .filter((character) => firstUnprintable(character) === undefined)
    .join('');
