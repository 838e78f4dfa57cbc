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
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { root } from './repository.ts';

const run = promisify(execFile);

/** A code block of a page, for the end of a file unless `before` or `replaces` names the first line that contains this text. */
interface Block {
  readonly file: string;
  readonly before: string | undefined;
  readonly replaces: string | undefined;
  readonly code: string;
}

/** The paths that are copied. */
const copied = [
  'libs',
  'services',
  'tsconfig.base.json',
  'package.json',
  'jest.preset.js',
  'swc.config.js',
  'tools/jest-native',
];

/** A page of `docs/how-to` whose blocks are applied to a copy of the sources. */
export class HowTo {
  /** The files that the blocks of the page change or add, as paths from the root. */
  readonly files: readonly string[];
  private readonly blocks: readonly Block[];
  private readonly copy = mkdtempSync(join(tmpdir(), 'waybill-how-to-'));

  /** Throws when a block names a line that its file does not have. */
  constructor(page: string) {
    const text = readFileSync(join(root, 'docs/how-to', page), 'utf8');
    const fences =
      /^```ts file="([^"]+)"(?: before="([^"]+)")?(?: replaces="([^"]+)")?\n([\s\S]*?)^```$/gm;
    this.blocks = [...text.matchAll(fences)].map(([, file = '', before, replaces, code = '']) => ({
      file,
      before,
      replaces,
      code,
    }));
    this.files = [...new Set(this.blocks.map(({ file }) => file))];
    const isSource = (path: string) => !['node_modules', 'dist'].includes(basename(path));
    for (const part of copied)
      cpSync(join(root, part), join(this.copy, part), { recursive: true, filter: isSource });
    this.linkPackages();
    for (const block of this.blocks) this.apply(block);
    for (const file of this.files) this.addImports(file);
  }

  /** The compiler's output for the changed files; empty when they compile. */
  types(): Promise<string> {
    const compilerOptions = {
      allowJs: true,
      composite: false,
      declarationMap: false,
      incremental: false,
      noEmit: true,
      rootDir: '.',
      tsBuildInfoFile: null,
    };
    const { files } = this;
    const config = { extends: './tsconfig.base.json', compilerOptions, files };
    writeFileSync(join(this.copy, 'tsconfig.json'), JSON.stringify(config));
    return this.output(join(root, 'node_modules/.bin/tsc'), ['-p', '.']);
  }

  /** Jest's output for the specs of a service whose paths match `specs`. */
  test(service: string, specs: string): Promise<string> {
    return this.output(process.execPath, [
      '--no-warnings',
      join(root, 'node_modules/jest/bin/jest.js'),
      `--config=services/${service}/jest.config.js`,
      '--verbose',
      `--testPathPatterns=${specs}`,
    ]);
  }

  /**
   * What Biome reports of the changed files once it has sorted their imports, and the lines of the blocks that it formats
   * otherwise; empty when a reader's `npm run verify` has nothing to say.
   */
  async style(): Promise<string> {
    cpSync(join(root, 'biome.jsonc'), join(this.copy, 'biome.jsonc'));
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const options = ['--write', '--reporter=github', '--vcs-enabled=false'];
    const reported = await this.output(process.execPath, [
      biome,
      'check',
      ...options,
      ...this.files,
    ]);
    const reformatted = this.blocks.flatMap(({ file, code }) => {
      const lines = new Set(readFileSync(join(this.copy, file), 'utf8').split('\n'));
      return code.split('\n').filter((line) => !line.startsWith('import ') && !lines.has(line));
    });
    return [...reported.split('\n').filter((line) => line.startsWith('::')), ...reformatted].join(
      '\n',
    );
  }

  remove(): void {
    rmSync(this.copy, { recursive: true, force: true });
  }

  /** Links `@waybill/*` to the copy and all other packages to the installed ones, those that only one service has too. */
  private linkPackages(): void {
    const modules = join(root, 'node_modules');
    mkdirSync(join(this.copy, 'node_modules/@waybill'), { recursive: true });
    for (const name of readdirSync(modules).filter((each) => each !== '@waybill'))
      symlinkSync(join(modules, name), join(this.copy, 'node_modules', name));
    for (const name of readdirSync(join(modules, '@waybill'))) {
      const folder = relative(root, realpathSync(join(modules, '@waybill', name)));
      if (existsSync(join(this.copy, folder)))
        symlinkSync(join(this.copy, folder), join(this.copy, 'node_modules/@waybill', name));
      const own = join(folder, 'node_modules');
      if (existsSync(join(root, own)) && existsSync(join(this.copy, folder)))
        symlinkSync(join(root, own), join(this.copy, own));
    }
  }

  private apply({ file, before, replaces, code }: Block): void {
    const path = join(this.copy, file);
    mkdirSync(dirname(path), { recursive: true });
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    const place = before ?? replaces;
    const at = place === undefined ? lines.length : lines.findIndex((line) => line.includes(place));
    if (at < 0) throw new Error(`${file} has no line with ${place}`);
    lines.splice(at, replaces === undefined ? 0 : 1, code.replace(/\n$/, ''));
    writeFileSync(path, lines.join('\n'));
  }

  /** As an editor does: adds imports of the names that the blocks export and `file` uses. */
  private addImports(file: string): void {
    const source = readFileSync(join(this.copy, file), 'utf8');
    const code = source.replaceAll(/'[^'\n]*'|\/\*[\s\S]*?\*\//g, '');
    const imports = this.blocks.flatMap((block) =>
      [...block.code.matchAll(/^export (?:const|class) (\w+)/gm)]
        .map(([, name = '']) => name)
        .filter((name) => block.file !== file && new RegExp(`\\b${name}\\b`).test(code))
        .filter((name) => !new RegExp(`(import|export) \\{[^}]*\\b${name}\\b[^}]*\\}`).test(source))
        .map((name) => `import { ${name} } from '${specifierOf(block.file, file)}';\n`),
    );
    writeFileSync(join(this.copy, file), imports.join('') + source);
  }

  /** The output of a command, also when it fails. */
  private output(program: string, parameters: readonly string[]): Promise<string> {
    return run(program, [...parameters], { cwd: this.copy }).then(
      ({ stdout, stderr }) => stdout + stderr,
      ({ stdout, stderr, message }) => `${message}\n${stdout}${stderr}`,
    );
  }
}

const specifierOf = (target: string, from: string): string => {
  if (target.startsWith('libs/')) return `@waybill/${target.split('/')[1]}`;
  const path = relative(dirname(from), target);
  return path.startsWith('.') ? path : `./${path}`;
};
