import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from './repository.ts';

const run = promisify(execFile);
const page = readFileSync(join(root, 'docs/how-to/add-a-saga-step.md'), 'utf8');

/** A block of the page: code for a file, at its end unless `before` or `replaces` names the first line that holds this text. */
interface Block {
  readonly file: string;
  readonly before: string | undefined;
  readonly replaces: string | undefined;
  readonly code: string;
}

const blocks: readonly Block[] = [
  ...page.matchAll(
    /^```ts file="([^"]+)"(?: before="([^"]+)")?(?: replaces="([^"]+)")?\n([\s\S]*?)^```$/gm,
  ),
].map(([, file = '', before, replaces, code = '']) => ({ file, before, replaces, code }));

const files = [...new Set(blocks.map(({ file }) => file))];
const declared = blocks.flatMap(({ code }) =>
  [...code.matchAll(/^export const (\w+)/gm)].map(([, name = '']) => name),
);

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'waybill-how-to-'));
  const isSource = (path: string) => !['node_modules', 'dist'].includes(basename(path));
  for (const part of [
    'libs',
    'services',
    'tsconfig.base.json',
    'package.json',
    'jest.preset.js',
    'swc.config.js',
  ])
    cpSync(join(root, part), join(copy, part), { recursive: true, filter: isSource });
  linkPackages();
  for (const block of blocks) apply(block);
  for (const file of files) addImports(file);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The packages of this repository are those of the copy. */
function linkPackages(): void {
  mkdirSync(join(copy, 'node_modules/@waybill'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')).filter((each) => each !== '@waybill'))
    symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  for (const name of readdirSync(join(root, 'node_modules/@waybill'))) {
    const folder = relative(root, realpathSync(join(root, 'node_modules/@waybill', name)));
    if (existsSync(join(copy, folder)))
      symlinkSync(join(copy, folder), join(copy, 'node_modules/@waybill', name));
  }
}

function apply({ file, before, replaces, code }: Block): void {
  const lines = readFileSync(join(copy, file), 'utf8').split('\n');
  const place = before ?? replaces;
  const at = place === undefined ? lines.length : lines.findIndex((line) => line.includes(place));
  if (at < 0) throw new Error(`${file} has no line with ${place}`);
  lines.splice(at, replaces === undefined ? 0 : 1, code.replace(/\n$/, ''));
  writeFileSync(join(copy, file), lines.join('\n'));
}

/** As an editor does. */
function addImports(file: string): void {
  const source = readFileSync(join(copy, file), 'utf8');
  if (source.includes(`export const ${declared[0]}`)) return;
  const used = declared.filter((name) => new RegExp(`\\b${name}\\b`).test(source));
  const imports = `import { ${used.join(', ')} } from '@waybill/contracts';\n`;
  writeFileSync(join(copy, file), `${imports}${source}`);
}

/** What a command prints, also when it fails. */
const output = (program: string, parameters: readonly string[]): Promise<string> =>
  run(program, [...parameters], { cwd: copy }).then(
    ({ stdout, stderr }) => stdout + stderr,
    ({ stdout, stderr, message }) => `${message}\n${stdout}${stderr}`,
  );

describe('a new step of a saga', () => {
  it('touches four files: messages, saga, participant, spec', () => {
    expect(files.map((file) => basename(file))).toEqual([
      'payment.messages.ts',
      'place-order.saga.ts',
      'payment.consumer.ts',
      'place-order.saga.spec.ts',
    ]);
  });

  it('fits the types of both services', async () => {
    const compilerOptions = {
      allowJs: true,
      composite: false,
      declarationMap: false,
      incremental: false,
      noEmit: true,
      rootDir: '.',
      tsBuildInfoFile: null,
    };
    const config = { extends: './tsconfig.base.json', compilerOptions, files };
    writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(config));
    expect(await output(join(root, 'node_modules/.bin/tsc'), ['-p', '.'])).toBe('');
  }, 180_000);

  it('passes its spec and those of the order service, as they are', async () => {
    const specs =
      'src/(sagas|messages|testing)/(place-order.saga|order.consumer|simulation)\\.spec';
    const printed = await output(process.execPath, [
      '--experimental-vm-modules',
      '--no-warnings',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--config=services/order/jest.config.js',
      '--verbose',
      `--testPathPatterns=${specs}`,
    ]);
    expect(printed).toContain('✓ comes before the payment');
    expect(printed).toMatch(/Test Suites: 3 passed, 3 total/);
  }, 180_000);
});
