import { createHash } from 'node:crypto';
import { catalogueSeed, imageUrlOf } from '../seed/catalogue.ts';
import { drawings } from './drawings.ts';

/** A picture in the form in which it is served. */
export interface Picture {
  readonly svg: string;
  /** Changes with the drawing. */
  readonly etag: string;
}

const tints: Readonly<Record<string, string>> = {
  Computers: '#dbeafe',
  Accessories: '#ede9fe',
  Audio: '#fce7f3',
  Home: '#fef3c7',
  Outdoor: '#dcfce7',
  Books: '#fee2e2',
};

/** By the path of each picture. */
const pictures: ReadonlyMap<string, Picture> = new Map(
  catalogueSeed.flatMap(({ sku, name, category }) => {
    const drawing = drawings[sku];
    return drawing
      ? [[imageUrlOf(sku), pictureOf(name, drawing, tints[category] ?? '#e5e7eb')]]
      : [];
  }),
);

function pictureOf(title: string, drawing: string, tint: string): Picture {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="384" height="384" role="img">
<title>${title}</title>
<rect width="96" height="96" fill="${tint}"/>
<g fill="#fff" stroke="#27313f" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round">${drawing}</g>
</svg>
`;
  return { svg, etag: `"${createHash('sha256').update(svg).digest('base64url').slice(0, 16)}"` };
}

/** The picture for `/images/{key}`. */
export const findPicture = (key: string): Picture | undefined => pictures.get(`/images/${key}`);
