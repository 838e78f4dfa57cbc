import { expect, it } from '@jest/globals';
import { firstUnprintable } from '@waybill/contracts';
import { openFonts } from './fonts.ts';

it('every character that text in documents may contain is in the typeface', async () => {
  const { regular, bold } = await openFonts();
  const missing: string[] = [];
  for (let code = 0x20; code < 0x110000; code += 1) {
    if (firstUnprintable(String.fromCodePoint(code)) !== undefined) continue;
    for (const font of [regular, bold]) {
      if (!font.hasGlyphForCodePoint(code)) missing.push(`U+${code.toString(16)}`);
    }
  }
  expect(missing).toEqual([]);
});
