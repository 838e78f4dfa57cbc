import { describe, expect, it } from '@jest/globals';
import { betweenFolders, circlesIn, type Imports } from './import-circles.ts';

const imports = (all: Readonly<Record<string, readonly string[]>>): Imports =>
  new Map(Object.entries(all).map(([file, targets]) => [file, new Set(targets)]));

describe('circles of imports', () => {
  it.each([
    ['two files', { a: ['b'], b: ['a'] }, [['a', 'b', 'a']]],
    [
      'three files, one of them twice',
      { a: ['b', 'c'], b: ['c'], c: ['a'] },
      [
        ['a', 'c', 'a'],
        ['b', 'c', 'a', 'b'],
      ],
    ],
    ['a file and itself', { a: ['a'] }, [['a', 'a']]],
    [
      'files that something outside the circle imports',
      { a: ['c'], b: ['c'], c: ['b'] },
      [['b', 'c', 'b']],
    ],
    [
      'two circles apart',
      { a: ['b'], b: ['a'], c: ['d'], d: ['c'] },
      [
        ['a', 'b', 'a'],
        ['c', 'd', 'c'],
      ],
    ],
  ])('are found between %s', (_, files, circles) => {
    expect(circlesIn(imports(files))).toEqual(circles);
  });

  it('are none where two ways lead to one file', () => {
    expect(circlesIn(imports({ a: ['b', 'c'], b: ['d'], c: ['d', 'gone'], d: [] }))).toEqual([]);
  });

  it('are found between folders whose files are in none', () => {
    const files = imports({
      'http/view.ts': ['domain/order.ts'],
      'http/controller.ts': ['messages/accept.ts', 'http/view.ts'],
      'messages/accept.ts': ['http/view.ts'],
      'domain/order.ts': ['order.module.ts'],
      'order.module.ts': ['domain/order.ts'],
    });
    expect(circlesIn(files)).toEqual([['domain/order.ts', 'order.module.ts', 'domain/order.ts']]);
    const folderOf = (file: string) => file.match(/^[^/]+(?=\/)/)?.[0];
    expect(circlesIn(betweenFolders(files, folderOf))).toEqual([['http', 'messages', 'http']]);
  });
});
