import { expect, it } from '@jest/globals';
import { projectFile } from './bundle-places.ts';

it('names files of the project from its root, and packages from node_modules', () => {
  expect(projectFile('/anywhere', '/else/node_modules/pg/lib/client.js')).toBe(
    'node_modules/pg/lib/client.js',
  );
  expect(projectFile('/anywhere', '../node_modules/zod/v4/core/schemas.js')).toBe(
    'node_modules/zod/v4/core/schemas.js',
  );
  expect(projectFile('/anywhere', '../src/data-source/DataSource.ts')).toBe(
    'node_modules/typeorm/src/data-source/DataSource.ts',
  );
});
