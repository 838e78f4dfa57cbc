import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { allContracts, channelOf } from '@waybill/contracts';
import { filesBelow, root } from './repository.ts';
import { topologyOfServices } from './topology.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const pages = filesBelow('.', '.md');
/** Pages whose paths are relative to the root. */
const fromRoot = pages.filter((page) => page.startsWith('docs/') || !page.includes('/'));

const withoutCode = (text: string): string => text.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '');

/** As GitHub generates them from headings. */
const anchorsOf = (page: string): string[] =>
  [...withoutCode(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

function brokenLinks(page: string): string[] {
  return [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : normalize(join(dirname(page), path));
    if (!existsSync(join(root, target))) return [`${link}: there is no ${target}`];
    const isPage = anchor !== undefined && statSync(join(root, target)).isFile();
    return isPage && !anchorsOf(target).includes(anchor) ? [`${link}: no such heading`] : [];
  });
}

const inBackticks = (page: string): string[] =>
  [...withoutCode(read(page)).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

const isPath = (text: string): boolean =>
  /^(libs|services|sandboxes|tools|docs|e2e|bench|\.ci)\/[\w./-]*$/.test(text);

const isOfMessages = (text: string): boolean =>
  /^(order|inventory|payment|shipping|notification|analytics|customer)\.[a-z][a-z.-]*$/.test(
    text,
  ) && !/\.(ts|json|md|service|module|config|consumer)$/.test(text);

/** The cells of each row of a table that begins with code. */
const rowsOf = (page: string): string[][] =>
  read(page)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '));

const plain = (text = ''): string => text.replaceAll(/[`,]/g, '').trim();

/** What the code declares, as `NAME=value`: several, if processes have different ones. */
const defaults = new Set(
  rowsOf('docs/settings.md').map(([name, , value]) => `${plain(name)}=${plain(value)}`),
);

/** The defaults in the tables of a page, as `NAME=value`: those that are a number or a time; the others are told in words. */
const defaultsIn = (page: string): string[] =>
  rowsOf(page).flatMap(([first = '', second = '']) => {
    const names = [...first.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = '']) => name);
    const values = names.length > 1 ? second.split(', ').map(plain) : [plain(second)];
    return names.flatMap((name, at) => {
      const value = values[at] ?? values.at(-1) ?? '';
      return /^[\d.]+(ms|[smhd])?$/.test(value) ? [`${name}=${value}`] : [];
    });
  });

/** Some settings have their default where they are used. */
const isDeclared = (setting: string): boolean =>
  [...defaults].some((one) => one.startsWith(setting.replace(/=.*/, '=')) && !one.endsWith('=–'));

const routes = Object.keys(
  (JSON.parse(read('libs/client/openapi.json')) as { paths: object }).paths,
);

/** `a/{b|c}` are two; several routes may be named by what they begin with. */
const routesIn = (page: string): string[] =>
  [...read(page).matchAll(/\/api\/v1\/[\w/{}.|$-]+/g)].flatMap(([found]) => {
    const path = found.replace(/[./]+$/, '');
    const choice = path.match(/[a-z]+(\|[a-z]+)+/)?.[0];
    return choice ? choice.split('|').map((one) => path.replace(choice, one)) : [path];
  });

const isRoute = (path: string): boolean =>
  routes.some((route) => {
    const parts = route.split('/');
    return path.split('/').every((part, at) => {
      const isVariable = /^[{$]/.test(part) || parts[at]?.startsWith('{');
      return parts[at] !== undefined && (isVariable || parts[at] === part);
    });
  });

describe('the documents', () => {
  it('are found', () => {
    expect(pages).toContain('README.md');
    expect(pages).toContain('libs/messaging/README.md');
  });

  it.each(pages)('%s has links that lead somewhere', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it.each(fromRoot)('%s names files and folders that exist', (page) => {
    const named = inBackticks(page).filter(isPath);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each(pages)('%s names npm scripts that exist', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('name every file of end-to-end tests in their README', () => {
    const files = filesBelow('e2e', '.ts').filter((file) => /\.(e2e|tests|spec)\./.test(file));
    const named = new Set(inBackticks('e2e/README.md'));
    const nameOf = (file: string): string =>
      file
        .replace(/^e2e\/((portable|inside|stack\/faults(\/long)?)\/)?/, '')
        .replace(/\.[^/]*$/, '');
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => !named.has(nameOf(file)))).toEqual([]);
  });

  it('have the defaults of settings that the code has', () => {
    const told = pages.filter((page) => page.endsWith('README.md')).flatMap(defaultsIn);
    const declared = told.filter(isDeclared);
    expect(declared.length).toBeGreaterThan(50);
    expect(declared.filter((setting) => !defaults.has(setting))).toEqual([]);
  });

  it.each(pages)('%s names routes that exist', (page) => {
    expect(routesIn(page).filter((path) => !isRoute(path))).toEqual([]);
  });

  it('have a README in every library and service', () => {
    const folders = filesBelow('.', 'package.json').map((file) => dirname(file));
    const projects = folders.filter((folder) => /^(libs|services|sandboxes)\//.test(folder));
    expect(projects.filter((folder) => !pages.includes(`${folder}/README.md`))).toEqual([]);
  });
});

describe('messages in the documents', () => {
  const known = new Set(allContracts.flatMap((each) => [each.type, channelOf(each)]));
  beforeAll(async () => {
    for (const { group } of await topologyOfServices()) known.add(group);
    const locals = filesBelow('services', '.local.ts').flatMap((file) => [
      ...read(file).matchAll(/local\('([^']+)'/g),
    ]);
    for (const [, type = ''] of locals) known.add(type);
  }, 60_000);

  it.each(fromRoot)('%s: each is a message, a channel or a group', (page) => {
    expect(inBackticks(page).filter((text) => isOfMessages(text) && !known.has(text))).toEqual([]);
  });

  it('of the sequence diagrams are messages', () => {
    const arrows = [...read('docs/order-flow.md').matchAll(/^\s+\w+-+>>\w+: (.*)$/gm)];
    const named = arrows.flatMap(([, text = '']) => text.split(', ')).filter(isOfMessages);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((text) => !known.has(text))).toEqual([]);
  });
});
