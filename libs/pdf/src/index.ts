export { type Fonts, openFonts } from './fonts.ts';
export { line } from './line.ts';
export { newPdf, type Pdf } from './pdf.ts';
export { printable } from './printable.ts';
