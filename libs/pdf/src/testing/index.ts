export { textOfPdf } from './text-of-pdf.ts';
