import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallFrame, Place } from './cpu-profile.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Maps functions of the bundle to their sources. */
export class BundlePlaces {
  private readonly maps = new Map<string, SourceMap | null>();

  placeOf({ url, lineNumber, columnNumber }: CallFrame): Place | null {
    if (url === '') return null;
    if (url.startsWith('node:')) return { file: url, line: lineNumber + 1 };
    const file = url.startsWith('file:') ? fileURLToPath(url) : url;
    const found = this.mapOf(file)?.findEntry(lineNumber, columnNumber);
    return found && 'originalSource' in found
      ? { file: projectFile(dirname(file), found.originalSource), line: found.originalLine + 1 }
      : { file: projectFile('/', file), line: lineNumber + 1 };
  }

  private mapOf(file: string): SourceMap | null {
    const known = this.maps.get(file);
    if (known !== undefined) return known;
    const map = existsSync(`${file}.map`)
      ? new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
      : null;
    this.maps.set(file, map);
    return map;
  }
}

/** A path from the root of the project. TypeORM's published source maps point to sources that it does not publish. */
export function projectFile(folder: string, source: string): string {
  if (/^\.\.\/src\//.test(source)) return source.replace('../', 'node_modules/typeorm/');
  const path = source.startsWith('/') ? source : join(folder, source);
  const at = path.lastIndexOf('/node_modules/');
  return at >= 0 ? path.slice(at + 1) : relative(root, path);
}
