import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-user-'));
  mkdirSync(join(folder, 'clone'));
  file = join(folder, 'clone', 'file');
  writeFileSync(file, 'read');
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that reads the file as the server would; prints the identity that was chosen, and the content. */
const program = (): string[] => {
  const script = `
    import { execFileSync } from 'node:child_process';
    import { commandAs, serverUser } from '${new URL('./server-user.js', import.meta.url).href}';
    const paths = ['${file}', '${join(folder, 'clone', 'not', 'yet')}', '${join(file, 'below', 'a', 'file')}'];
    try {
      const user = serverUser({ server: 'PostgreSQL', names: ['no such user', 'nobody'], paths });
      const { command, args, options } = commandAs(user, '/bin/cat', ['${file}']);
      const way = user.front[0] ?? (user.as ? 'as nobody' : 'as we are');
      console.log(way, execFileSync(command, args, { ...options, cwd: '/', env: {} }).toString());
    } catch (error) {
      console.log(error.message);
    }`;
  return [process.execPath, '--input-type=module', '-e', script];
};

const serverReads = (): string => {
  const [command = '', ...args] = program();
  return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim();
};

/** Runs a command as root in a container does: with all users, and without nested user namespaces. */
async function inContainer(...command: readonly string[]): Promise<string> {
  const limited = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
  const words = ['/bin/sh', '-c', 'echo && read go && exec "$@"', 'sh'];
  const child = spawn('unshare', ['--user', ...words, '/bin/sh', '-c', limited, 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  await lines.next();
  for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${child.pid}/${map}`, '0 0 65536');
  child.stdin.write('go\n');
  return String((await lines.next()).value).trim();
}

const isRoot = process.getuid?.() === 0;
const canNest = isRoot && spawnSync('unshare', ['--user', 'true']).status === 0;

describe('the user of a server', () => {
  it(isRoot ? 'is another one where we are root' : 'is who we are', () => {
    expect(serverReads()).toBe(isRoot ? 'as nobody read' : 'as we are read');
  });

  it('may enter a folder that only we may enter', () => {
    chmodSync(folder, 0o700);
    expect(serverReads()).toMatch(isRoot ? /^(unshare|setpriv) read$/ : /^as we are read$/);
  });
});

if (canNest) {
  describe('the user of a server of root, in a folder that only root may enter', () => {
    beforeEach(() => chmodSync(folder, 0o700));

    it('has our rights in a user namespace', () => {
      expect(serverReads()).toBe('unshare read');
    });

    it('may pass over modes where there are no user namespaces', async () => {
      expect(await inContainer(...program())).toBe('setpriv read');
    });

    it('is refused in one line that names the folder where nothing works', async () => {
      const withoutRights = ['setpriv', '--bounding-set=-dac_override', '--'];
      expect(await inContainer(...withoutRights, ...program())).toMatch(
        new RegExp(
          `^PostgreSQL cannot run as root, as user \\d+ it may not enter ${folder}, and .*$`,
        ),
      );
    });
  });
}
