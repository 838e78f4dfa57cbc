import { describe, expect, it } from '@jest/globals';
import { catalogueSeed, imageUrlOf } from '../seed/catalogue.ts';
import { drawings } from './drawings.ts';
import { findPicture } from './pictures.ts';

describe('the pictures of the catalogue', () => {
  it.each(catalogueSeed)(
    'have one of $sku, which loads nothing and runs nothing',
    ({ sku, name }) => {
      const url = imageUrlOf(sku);
      const { svg } = findPicture(url.replace('/images/', '')) ?? { svg: '' };
      expect(svg).toContain(`<title>${name}</title>`);
      expect(svg).not.toMatch(
        /&|script|href|url\(|style|on\w+=|https?:\/\/(?!www\.w3\.org\/2000\/svg")/,
      );
      expect(svg.length).toBeLessThan(2_000);
      const open = [...svg.matchAll(/<(\w+)(?:\s[^>]*[^/])?>/g)].map(([, tag]) => tag).sort();
      const closed = [...svg.matchAll(/<\/(\w+)>/g)].map(([, tag]) => tag).sort();
      expect(open).toEqual(closed);
    },
  );

  it('differ from one another, and none is drawn for nothing', () => {
    const skus = catalogueSeed.map(({ sku }) => sku);
    expect(Object.keys(drawings).sort()).toEqual([...skus].sort());
    const tags = skus.map((sku) => findPicture(`${sku.toLowerCase()}.svg`)?.etag);
    expect(new Set(tags).size).toBe(skus.length);
  });
});
