import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filesBelow, root } from './repository.ts';

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const manifest = (folder: string): { readonly dependencies: Readonly<Record<string, string>> } => ({
  dependencies: {},
  ...JSON.parse(text(`${folder}/package.json`)),
});

/** Packages that a service resolves at run time to read a file in them. */
const packagesWhoseFilesAreRead = (): string[] =>
  ['libs', 'services']
    .flatMap((folder) => filesBelow(folder, '.ts'))
    .flatMap((path) => [...text(path).matchAll(/\.resolve\('([^']+)\/package\.json'\)/g)])
    .map(([, name = '']) => name);

describe('the Dockerfile', () => {
  const file = text('Dockerfile');

  it('begins with images by their tags, and ends as a user without rights', () => {
    const images = [...file.matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image);
    const stages = [...file.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, stage = '']) => stage);
    expect(images.filter((image) => !stages.includes(image))).toEqual(['node:24-trixie-slim']);
    expect(file).toMatch(/^USER \d+:\d+$/m);
    expect(file.match(/^HEALTHCHECK /gm)).toHaveLength(2);
    expect(file.match(/^ENTRYPOINT \["tini"/gm)).toHaveLength(2);
    expect(file).not.toMatch(/^(ARG|ENV) .*(SECRET|PASSWORD|KEY|TOKEN)/im);
  });

  it('gives a program as long to start as npm run e2e:compose waits for it', () => {
    const [, seconds] = /--start-period=(\d+)s CMD \["healthcheck"\]/.exec(file) ?? [];
    const [, patience] = /'--wait-timeout', '(\d+)'/.exec(text('tools/e2e-compose.mjs')) ?? [];
    expect(Number(patience)).toBeGreaterThan(60);
    expect(Number(seconds)).toBeGreaterThanOrEqual(Number(patience));
  });

  it('copies what is there', () => {
    const copied = [...file.matchAll(/^COPY (?:--from=build )?([^-].*) \S+$/gm)].flatMap(
      ([, sources = '']) => sources.split(' '),
    );
    const paths = copied
      .map((path) => path.replace(/^\/app\//, ''))
      .filter((path) => path !== 'dist');
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('installs what the bundle leaves in node_modules, in the versions of those who use it', () => {
    const installed = manifest('docker').dependencies;
    const [, left = ''] = /^const external = \[([^\]]*)\]/m.exec(text('tools/bundle.mjs')) ?? [];
    const external = [...left.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
    expect(external.length).toBeGreaterThan(3);
    expect(Object.keys(installed)).toEqual(expect.arrayContaining(external));
    expect(Object.keys(installed)).toEqual(expect.arrayContaining(packagesWhoseFilesAreRead()));
    const used = filesBelow('libs', 'package.json')
      .concat(filesBelow('services', 'package.json'))
      .map((path) => manifest(path.replace('/package.json', '')).dependencies);
    const differing = Object.entries(installed).filter(
      ([name, version]) => !used.some((each) => each[name] === version),
    );
    expect(differing).toEqual([]);
  });
});
