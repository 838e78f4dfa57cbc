import type { Pdf } from './pdf.ts';
import { printable } from './printable.ts';

/** Draws one line of text, shrunk and clipped to the width `room`. */
export function line(pdf: Pdf, text: string, x: number, y: number, room: number): void {
  const shown = printable(text);
  pdf.save();
  pdf.rect(x, y, room, pdf.currentLineHeight()).clip();
  const wide = pdf.widthOfString(shown);
  const scale = wide > room ? room / wide : 1;
  pdf.scale(scale, 1, { origin: [x, y] });
  pdf.text(shown, x, y, { lineBreak: false });
  pdf.restore();
}
